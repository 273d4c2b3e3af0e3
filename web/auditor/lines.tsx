/** A labelled field for several lines: addresses and keys, which are long and of one width. */
import { type ReactNode, useId } from "react";

export interface LinesProps {
	readonly label: string;
	readonly hint: ReactNode;
	readonly rows: number;
	readonly value: string;
	readonly onChange: (value: string) => void;
}

export function Lines({ label, hint, rows, value, onChange }: LinesProps) {
	const id = useId();
	return (
		<div className="flex flex-col gap-1.5">
			<label htmlFor={id} className="font-semibold text-sm">
				{label}
			</label>
			<textarea
				id={id}
				rows={rows}
				wrap="off"
				spellCheck={false}
				autoComplete="off"
				aria-describedby={`${id}-hint`}
				value={value}
				onChange={(event) => onChange(event.target.value)}
				className="w-full resize-y overflow-x-auto rounded-control border border-edge bg-raised px-3.5 py-2.5 font-mono text-xs outline-offset-0"
			/>
			<p id={`${id}-hint`} className="text-muted text-xs">
				{hint}
			</p>
		</div>
	);
}
