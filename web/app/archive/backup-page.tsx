/** Backup and export: make a file, take a file, take everything along. */
import type { ReactNode } from "react";
import { Pane } from "../ui/pane.tsx";
import { pageWords } from "../words/page-words.ts";
import { words } from "../words/words.ts";
import { ExportAll } from "./export-all.tsx";
import { MakeBackup } from "./make-backup.tsx";
import { TakeBackup } from "./take-backup.tsx";

export function BackupPage() {
	const { backupPage: say } = pageWords;
	return (
		<Pane title={words.archive.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-9 p-5 pb-12 text-sm">
				<Part title={say.make.title}>
					<MakeBackup />
				</Part>
				<Part title={say.take.title}>
					<TakeBackup />
				</Part>
				<Part title={say.all.title}>
					<ExportAll />
				</Part>
			</div>
		</Pane>
	);
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
	return (
		<section aria-label={title} className="flex flex-col gap-3.5">
			<h2 className="font-bold text-base">{title}</h2>
			{children}
		</section>
	);
}
