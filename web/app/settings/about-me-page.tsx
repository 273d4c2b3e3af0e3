/** Everything that the server knows about this person, on one page, in plain words, and as a file. */
import type { AboutMeView, KnownRowView, KnownSectionView, KnownValue } from "@troth/client/device/api.ts";
import { Download } from "lucide-react";
import { useCallback } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { useAnswer } from "./use-answer.ts";

/** More rows than this are folded away. */
const SHOWN = 4;

export function AboutMePage() {
	const { host } = useModel();
	const { aboutMe: say } = words;
	const { value, error } = useAnswer(useCallback(() => host.aboutMe(), [host]));
	return (
		<Pane title={say.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-6 p-5 text-sm">
				<p>{say.lead}</p>
				<p className="text-muted">{say.not}</p>
				{error !== undefined && <Problem>{reasonOf(error)}</Problem>}
				{value === undefined && error === undefined && <Spinner />}
				{value !== undefined && (
					<>
						<div className="flex flex-wrap items-center gap-3">
							<Button look="quiet" onClick={() => download(value)}>
								<Download size={17} aria-hidden="true" />
								{say.download}
							</Button>
							<p className="text-muted text-xs">{say.at(words.time.dayAndTime(value.atMs))}</p>
						</div>
						{value.sections.map((section) => (
							<Section key={section.kind} {...section} />
						))}
					</>
				)}
			</div>
		</Pane>
	);
}

function Section({ title, text, rows }: KnownSectionView) {
	const { aboutMe: say } = words;
	const [first, rest] = [rows.slice(0, SHOWN), rows.slice(SHOWN)];
	return (
		<section aria-label={title} className="rounded-card border border-line bg-raised p-4">
			<h2 className="font-bold">{title}</h2>
			<p className="mt-1 text-muted text-xs leading-relaxed">{text}</p>
			<Rows rows={first} />
			{rest.length > 0 && (
				<details className="mt-3">
					<summary className="cursor-pointer font-semibold text-plum text-xs">{say.more(rest.length)}</summary>
					<Rows rows={rest} />
				</details>
			)}
		</section>
	);
}

function Rows({ rows }: { readonly rows: readonly KnownRowView[] }) {
	return (
		<ul className="divide-y divide-line">
			{rows.map(({ facts }, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own and never change places
				<li key={at} className="py-2.5">
					<dl className="grid grid-cols-[minmax(6rem,2fr)_3fr] gap-x-3 gap-y-1 text-xs">
						{facts.map(({ name, label, value }) => (
							<div key={name} className="contents">
								<dt className="text-muted">{label}</dt>
								<dd className={`min-w-0 ${/\s/.test(textOf(value)) ? "break-words" : "break-all"}`}>{textOf(value)}</dd>
							</div>
						))}
					</dl>
				</li>
			))}
		</ul>
	);
}

function textOf(value: KnownValue): string {
	switch (value.kind) {
		case "text":
			return value.text;
		case "number":
			return value.number.toLocaleString("en");
		case "time":
			return value.ms === 0 ? words.aboutMe.never : words.time.dayAndTime(value.ms);
		case "bytes":
			return words.aboutMe.bytes(value.hex.length / 2, value.hex);
	}
}

function download(known: AboutMeView): void {
	const url = URL.createObjectURL(new Blob([JSON.stringify(known, null, "\t")], { type: "application/json" }));
	const link = document.createElement("a");
	link.href = url;
	link.download = `troth-about-me-${new Date(known.atMs).toISOString().slice(0, 10)}.json`;
	link.click();
	URL.revokeObjectURL(url);
}
