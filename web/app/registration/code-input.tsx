/**
 * Six boxes, one field: the boxes are drawn, the input lies over them, so that paste, autofill from a text message,
 * correction and screen readers work as in any field.
 */
import { type ComponentProps, useState } from "react";
import { words } from "../words/words.ts";

export interface CodeInputProps extends Pick<ComponentProps<"input">, "aria-describedby" | "disabled" | "ref"> {
	readonly value: string;
	readonly length: number;
	readonly invalid: boolean;
	readonly onChange: (digits: string) => void;
}

export function CodeInput({ value, length, invalid, onChange, ...rest }: CodeInputProps) {
	const [focused, setFocused] = useState(false);
	const boxes = Array.from({ length }, (_, i) => i);
	const current = Math.min(value.length, length - 1);
	return (
		<div className="relative">
			<div aria-hidden="true" className="flex gap-2 sm:gap-2.5">
				{boxes.map((i) => (
					<span
						key={i}
						className={`grid h-14 min-w-0 flex-1 place-items-center rounded-control border bg-raised font-semibold text-xl ${i === length / 2 ? "ml-2 sm:ml-3" : ""} ${invalid ? "border-rust" : "border-edge"} ${focused && i === current ? "outline-[2.5px] outline-plum" : ""}`}
					>
						{value[i] ?? ""}
					</span>
				))}
			</div>
			<input
				{...rest}
				type="text"
				inputMode="numeric"
				autoComplete="one-time-code"
				name="code"
				aria-label={words.code.label}
				aria-invalid={invalid || undefined}
				// biome-ignore lint/a11y/noAutofocus: the only field of a screen that the person just asked for
				autoFocus
				value={value}
				onFocus={() => setFocused(true)}
				onBlur={() => setFocused(false)}
				onSelect={({ currentTarget }) => {
					// The caret stays behind the last digit, where the boxes show it.
					const { length: end } = currentTarget.value;
					if (currentTarget.selectionStart === currentTarget.selectionEnd) currentTarget.setSelectionRange(end, end);
				}}
				onChange={({ target }) => onChange(target.value.replaceAll(/\D/g, "").slice(0, length))}
				className="absolute inset-0 h-full w-full cursor-text bg-transparent text-transparent caret-transparent opacity-0"
			/>
		</div>
	);
}
