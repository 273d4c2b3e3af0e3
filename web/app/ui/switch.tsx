/** A setting that is on or off, with its explanation; the whole row is the target. */
import { Switch } from "radix-ui";
import { useId } from "react";

export interface SwitchRowProps {
	readonly label: string;
	readonly text: string;
	readonly checked: boolean;
	readonly onChange: (checked: boolean) => void;
}

export function SwitchRow({ label, text, checked, onChange }: SwitchRowProps) {
	const id = useId();
	return (
		<label htmlFor={id} className="flex cursor-pointer items-start gap-4 px-4 py-3.5">
			<span className="min-w-0 flex-1">
				<span className="block font-semibold text-sm">{label}</span>
				<span id={`${id}-text`} className="block text-muted text-xs">
					{text}
				</span>
			</span>
			<Switch.Root
				id={id}
				checked={checked}
				onCheckedChange={onChange}
				aria-label={label}
				aria-describedby={`${id}-text`}
				className="mt-1 inline-flex h-7 w-12 shrink-0 items-center rounded-full bg-edge p-0.5 transition-colors data-[state=checked]:bg-plum"
			>
				<Switch.Thumb className="size-6 rounded-full bg-raised shadow-raised transition-transform data-[state=checked]:translate-x-5" />
			</Switch.Root>
		</label>
	);
}
