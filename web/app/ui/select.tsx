/** One of many, with the system's own list: it scrolls, searches and speaks as its people are used to. */
import { ChevronDown } from "lucide-react";
import { useId } from "react";

export interface SelectProps {
	readonly label: string;
	readonly hint: string;
	readonly value: string;
	readonly options: readonly { readonly value: string; readonly label: string }[];
	readonly onChange: (value: string) => void;
}

export function Select({ label, hint, value, options, onChange }: SelectProps) {
	const id = useId();
	return (
		<div className="flex flex-col gap-1.5 px-4 py-3.5">
			<label htmlFor={id} className="font-semibold text-sm">
				{label}
			</label>
			<div className="relative">
				<select
					id={id}
					value={value}
					onChange={(event) => onChange(event.target.value)}
					aria-describedby={`${id}-hint`}
					className="min-h-11 w-full appearance-none rounded-control border border-edge bg-raised py-2 pr-10 pl-3.5 text-sm"
				>
					{options.map((option) => (
						<option key={option.value} value={option.value}>
							{option.label}
						</option>
					))}
				</select>
				<ChevronDown
					size={17}
					aria-hidden="true"
					className="pointer-events-none absolute top-1/2 right-3 -translate-y-1/2 text-muted"
				/>
			</div>
			<p id={`${id}-hint`} className="text-muted text-xs">
				{hint}
			</p>
		</div>
	);
}
