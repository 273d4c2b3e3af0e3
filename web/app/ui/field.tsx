/** A labelled text field with its hint and its error, tied together for screen readers. */
import { CircleAlert } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";

export interface FieldProps extends ComponentProps<"input"> {
	readonly label: string;
	readonly hint?: ReactNode;
	readonly error?: string | undefined;
	/** The label is there for screen readers only. */
	readonly hideLabel?: boolean;
	/** Stands inside, at the end. */
	readonly trailing?: ReactNode;
}

export function Field({ label, hint, error, hideLabel = false, trailing, className = "", ...rest }: FieldProps) {
	const id = useId();
	return (
		<div className="flex flex-col gap-1.5">
			<label htmlFor={id} className={hideLabel ? "sr-only" : "font-semibold text-sm"}>
				{label}
			</label>
			<div className="relative">
				<input
					{...rest}
					id={id}
					aria-invalid={error !== undefined || undefined}
					aria-describedby={`${id}-more`}
					className={`min-h-12 w-full rounded-control border bg-raised px-3.5 py-2 text-base outline-offset-0 placeholder:text-muted ${error === undefined ? "border-edge" : "border-rust"} ${trailing === undefined ? "" : "pr-14"} ${className}`}
				/>
				{trailing !== undefined && <div className="absolute inset-y-0 right-1.5 flex items-center">{trailing}</div>}
			</div>
			<div id={`${id}-more`}>
				{error !== undefined ? (
					<Problem>{error}</Problem>
				) : (
					hint !== undefined && <p className="text-muted text-xs">{hint}</p>
				)}
			</div>
		</div>
	);
}

/** What went wrong, said at once. */
export function Problem({ children }: { readonly children: ReactNode }) {
	return (
		<p role="alert" className="flex items-start gap-1.5 text-rust text-sm">
			<CircleAlert size={16} className="mt-0.5 shrink-0" aria-hidden="true" />
			<span>{children}</span>
		</p>
	);
}
