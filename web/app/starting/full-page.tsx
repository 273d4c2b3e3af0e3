/** One message on an empty page. */
import type { ReactNode } from "react";
import { Mark } from "../design/rings.tsx";

export interface FullPageProps {
	readonly title: string;
	readonly text?: string;
	readonly children?: ReactNode;
}

export function FullPage({ title, text, children }: FullPageProps) {
	return (
		<main className="grid h-full place-items-center p-6">
			<div className="flex max-w-md animate-appear flex-col items-center gap-4 text-center">
				<Mark size={52} />
				<h1 className="text-balance font-bold text-xl">{title}</h1>
				{text !== undefined && <p className="text-muted">{text}</p>}
				{children}
			</div>
		</main>
	);
}
