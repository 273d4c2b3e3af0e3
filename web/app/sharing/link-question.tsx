/** "This device has both": what goes back is said first, and only a yes sends it. For the app, and for a host's page. */
import { Link2 } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";

interface LinkQuestionProps {
	/** The company's site, to which the person goes back. */
	readonly site: string;
	readonly name: string;
	readonly fields: readonly string[];
	/** Signs the yes and sends it. */
	readonly link: () => Promise<void>;
	readonly cancel: () => void;
	readonly reasonOf: (error: unknown) => string;
}

export function LinkQuestion({ site, name, fields, link, cancel, reasonOf }: LinkQuestionProps) {
	const [state, setState] = useState<"asked" | "busy" | "done">("asked");
	const [error, setError] = useState<string>();
	const { link: say, field } = words.sharing;
	const confirm = async () => {
		setState("busy");
		setError(undefined);
		try {
			await link();
			setState("done");
		} catch (failure) {
			setError(reasonOf(failure));
			setState("asked");
		}
	};
	if (state === "done")
		return (
			<LinkFrame title={say.done(name)} text={say.undo} icon={<Link2 size={30} />}>
				<a
					href={site}
					target="_top"
					className="inline-flex min-h-12 items-center justify-center rounded-control bg-plum px-5 font-semibold text-on-plum hover:bg-plum-strong"
				>
					{say.back(name)}
				</a>
			</LinkFrame>
		);
	return (
		<LinkFrame title={say.title(name)} text={say.lead(name)} icon={<Link2 size={30} />}>
			<section aria-label={say.handed} className="w-full rounded-card border border-line bg-surface p-4 text-left">
				<h2 className="font-semibold text-sm">{say.handed}</h2>
				<ul className="mt-1 flex list-disc flex-col gap-0.5 pl-5 text-sm marker:text-brass-fill">
					{fields.map((id) => (
						<li key={id}>{field(id)}</li>
					))}
				</ul>
				<p className="mt-2.5 text-muted text-xs">{say.notHanded}</p>
			</section>
			{error !== undefined && <Problem>{error}</Problem>}
			<div className="grid w-full grid-cols-2 gap-2.5">
				<Button look="quiet" className="min-h-12 text-base" onClick={cancel}>
					{say.cancel}
				</Button>
				<Button look="quiet" busy={state === "busy"} className="min-h-12 text-base" onClick={confirm}>
					{say.confirm}
				</Button>
			</div>
			<p className="text-muted text-xs">{say.undo}</p>
		</LinkFrame>
	);
}

interface LinkFrameProps {
	readonly title: string;
	readonly text: string;
	readonly icon: ReactNode;
	readonly children: ReactNode;
}

export function LinkFrame({ title, text, icon, children }: LinkFrameProps) {
	const heading = useRef<HTMLHeadingElement>(null);
	// Each answer begins at its heading, for the keyboard and for screen readers.
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new title is a new answer
	useEffect(() => heading.current?.focus(), [title]);
	return (
		<div className="grid h-full place-items-center overflow-y-auto p-5">
			<div className="flex w-full max-w-md animate-appear flex-col items-center gap-4 text-center">
				<span aria-hidden="true" className="grid size-16 place-items-center rounded-full bg-plum-soft text-plum">
					{icon}
				</span>
				<h1 ref={heading} tabIndex={-1} className="text-balance font-bold text-xl outline-none">
					{title}
				</h1>
				<p className="text-muted">{text}</p>
				{children}
			</div>
		</div>
	);
}
