/** The frame of a screen inside a pane: a heading with the way back, and what scrolls below it. */
import { ArrowLeft, X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { goBack } from "../routing/router.ts";
import { words } from "../words/words.ts";
import { IconButton } from "./button.tsx";

const BACK = { alone: "", beside: "xl:hidden", content: "md:hidden" } as const;
const HEADING = { alone: "", beside: "xl:pl-3", content: "md:pl-3" } as const;

export interface PaneProps {
	readonly title: string;
	readonly children: ReactNode;
	/** Beside the heading. */
	readonly actions?: ReactNode;
	/**
	 * Where it stands on wide screens: alone in its place, with the way back; beside what it belongs to, with a cross;
	 * or as the content of its list, with neither. On narrow screens there is always the way back.
	 */
	readonly stands?: "alone" | "beside" | "content";
	readonly onLeave?: () => void;
}

export function Pane({ title, children, actions, stands = "alone", onLeave = goBack }: PaneProps) {
	const heading = useRef<HTMLHeadingElement>(null);
	// A new screen begins at its heading, for the keyboard and for screen readers.
	useEffect(() => {
		if (!heading.current?.closest("section")?.contains(document.activeElement)) heading.current?.focus();
	}, []);
	return (
		<section aria-label={title} className="flex h-full min-h-0 flex-col">
			<header className="flex min-h-16 shrink-0 items-center gap-1.5 border-line border-b bg-surface px-3">
				<IconButton label={words.common.back} onClick={onLeave} className={BACK[stands]}>
					<ArrowLeft size={21} />
				</IconButton>
				<h1
					ref={heading}
					tabIndex={-1}
					className={`min-w-0 flex-1 truncate font-bold text-lg outline-none ${HEADING[stands]}`}
				>
					{title}
				</h1>
				{actions}
				{stands === "beside" && (
					<IconButton label={words.common.close} onClick={onLeave} className="max-xl:hidden">
						<X size={21} />
					</IconButton>
				)}
			</header>
			<div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">{children}</div>
		</section>
	);
}
