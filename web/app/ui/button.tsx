/** Buttons: one that matters on a screen, quiet ones, and round ones with an icon. */
import { Tooltip } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { Spinner } from "./spinner.tsx";

const LOOKS = {
	primary: "bg-plum text-on-plum hover:bg-plum-strong disabled:bg-line disabled:text-muted",
	quiet:
		"bg-transparent text-plum ring-1 ring-inset ring-edge/60 hover:bg-plum-soft disabled:text-muted disabled:hover:bg-transparent",
	plain: "bg-transparent text-plum hover:bg-plum-soft disabled:text-muted disabled:hover:bg-transparent",
	danger: "bg-rust text-on-rust hover:brightness-90",
	dangerPlain: "bg-transparent text-rust hover:bg-rust-soft",
} as const;

export interface ButtonProps extends ComponentProps<"button"> {
	readonly look?: keyof typeof LOOKS;
	/** Shows that it works, and takes no second click. */
	readonly busy?: boolean;
}

export function Button({ look = "primary", busy = false, className = "", children, disabled, ...rest }: ButtonProps) {
	return (
		<button
			type="button"
			{...rest}
			disabled={disabled === true || busy}
			aria-busy={busy || undefined}
			className={`inline-flex min-h-11 items-center justify-center gap-2 rounded-control px-4.5 py-2 font-semibold text-sm transition-colors ${LOOKS[look]} ${className}`}
		>
			{busy && <Spinner />}
			{children}
		</button>
	);
}

export interface IconButtonProps extends ComponentProps<"button"> {
	/** Its name for everyone: read out, and shown on hover and focus. */
	readonly label: string;
	readonly children: ReactNode;
	readonly tone?: "plain" | "plum";
}

export function IconButton({ label, children, tone = "plain", className = "", ...rest }: IconButtonProps) {
	const colours =
		tone === "plum" ? "bg-plum text-on-plum hover:bg-plum-strong" : "text-muted hover:bg-hover hover:text-ink";
	return (
		<Tooltip.Root>
			<Tooltip.Trigger asChild>
				<button
					type="button"
					aria-label={label}
					{...rest}
					className={`touch-target inline-grid size-10 shrink-0 place-items-center rounded-full transition-colors disabled:opacity-50 ${colours} ${className}`}
				>
					{children}
				</button>
			</Tooltip.Trigger>
			<Tooltip.Portal>
				<Tooltip.Content
					sideOffset={6}
					collisionPadding={8}
					className="z-50 animate-appear rounded-control bg-ink px-2.5 py-1.5 text-paper text-xs shadow-raised data-[state=closed]:animate-none"
				>
					{label}
				</Tooltip.Content>
			</Tooltip.Portal>
		</Tooltip.Root>
	);
}
