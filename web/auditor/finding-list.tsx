/** Checks with their results: an icon, the result in a word for who does not see it, and the sentence. */
import { CircleCheck, CircleHelp, CircleX, Info } from "lucide-react";
import { Note } from "../app/ui/note.tsx";
import type { Finding } from "./check-log.ts";
import { words } from "./words.ts";

const MARKS = {
	holds: { Icon: CircleCheck, colour: "text-moss" },
	fails: { Icon: CircleX, colour: "text-rust" },
	open: { Icon: CircleHelp, colour: "text-brass" },
	told: { Icon: Info, colour: "text-muted" },
} as const;

export function FindingList({ title, findings }: { readonly title: string; readonly findings: readonly Finding[] }) {
	return (
		<section aria-label={title} className="overflow-hidden rounded-card border border-line bg-surface">
			<h2 className="border-line border-b px-5 py-3.5 font-semibold">{title}</h2>
			<ul className="flex flex-col gap-3 px-5 py-4">
				{findings.map(({ state, text, link }) => {
					const { Icon, colour } = MARKS[state];
					return (
						<li key={text} className="flex gap-3 text-sm">
							<Icon size={18} aria-hidden="true" className={`mt-0.5 shrink-0 ${colour}`} />
							<p className="min-w-0 break-words">
								<span className="sr-only">{words.states[state]}: </span>
								{text}
								{link !== undefined && (
									<>
										{" "}
										<a href={link.href} className="text-plum underline">
											{link.text}
										</a>
									</>
								)}
							</p>
						</li>
					);
				})}
			</ul>
		</section>
	);
}

/** All of it in one sentence. */
export function Verdict({ findings }: { readonly findings: readonly Finding[] }) {
	const has = (wanted: Finding["state"]) => findings.some(({ state }) => state === wanted);
	if (has("fails")) return <Note icon={<CircleX size={20} />} tone="rust" title={words.verdict.fails} />;
	if (has("open")) return <Note icon={<CircleHelp size={20} />} tone="brass" title={words.verdict.open} />;
	return <Note icon={<CircleCheck size={20} />} tone="moss" title={words.verdict.holds} />;
}
