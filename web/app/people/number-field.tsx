/** A field for a phone number that writes it the way people read it, and knows when it is complete. */
import type { ReactNode } from "react";
import { Field } from "../ui/field.tsx";
import { words } from "../words/words.ts";
import { homeRegion, useNumbers } from "./use-numbers.ts";

export interface NumberFieldProps {
	readonly label: string;
	readonly value: string;
	/** What was typed, and the E.164 number where it is complete. */
	readonly onChange: (typed: string, e164: string | undefined) => void;
	readonly error?: string | undefined;
	readonly autoFocus?: boolean;
	readonly trailing?: ReactNode;
	/** One's own number, which the browser may offer. */
	readonly own?: boolean;
	readonly onEnter?: () => void;
}

export function NumberField({
	label,
	value,
	onChange,
	error,
	autoFocus = false,
	trailing,
	own = false,
	onEnter,
}: NumberFieldProps) {
	const numbers = useNumbers();
	const read = numbers?.readNumber(value, homeRegion());
	return (
		<Field
			label={label}
			type="tel"
			inputMode="tel"
			autoComplete={own ? "tel" : "off"}
			name="phone"
			autoFocus={autoFocus}
			placeholder="+1 555 010 0001"
			value={value}
			error={error}
			trailing={trailing}
			className="text-lg tracking-wide"
			{...(onEnter !== undefined && {
				onKeyDown: (event) => {
					if (event.key !== "Enter") return;
					event.preventDefault();
					onEnter();
				},
			})}
			hint={read?.e164 !== undefined && read.country !== undefined ? read.country : words.number.hint}
			onChange={({ target }) => {
				const typed = target.value;
				// Writing it anew moves the caret to the end, so it is done only while typing there.
				const atEnd = target.selectionStart === typed.length && typed.length > value.length;
				const next = numbers?.readNumber(typed, homeRegion());
				onChange(atEnd && next !== undefined ? next.formatted : typed, next?.e164);
			}}
		/>
	);
}
