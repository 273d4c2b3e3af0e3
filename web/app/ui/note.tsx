/** A boxed remark. */
import type { ReactNode } from "react";

const TONES = {
	plain: "bg-hover text-ink [&_svg]:text-muted",
	brass: "bg-brass-soft text-ink [&_svg]:text-brass",
	rust: "bg-rust-soft text-ink [&_svg]:text-rust",
	moss: "bg-moss-soft text-ink [&_svg]:text-moss",
} as const;

export interface NoteProps {
	readonly icon: ReactNode;
	readonly title?: string;
	readonly tone?: keyof typeof TONES;
	readonly children?: ReactNode;
}

export function Note({ icon, title, tone = "plain", children }: NoteProps) {
	return (
		<div className={`flex gap-3 rounded-control p-3.5 text-sm ${TONES[tone]}`}>
			<span className="mt-0.5 shrink-0">{icon}</span>
			<div className="min-w-0 flex-1">
				{title !== undefined && <p className="font-semibold">{title}</p>}
				{children}
			</div>
		</div>
	);
}
