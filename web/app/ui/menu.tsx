/** A menu of actions behind a button. */
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useRef } from "react";

export interface MenuItem {
	readonly label: string;
	readonly icon?: ReactNode;
	readonly danger?: boolean;
	/** What it does takes the keyboard along; else it goes back to the button. */
	readonly takesFocus?: boolean;
	readonly onSelect: () => void;
}

export interface MenuProps {
	/** The button; gets what makes it one. */
	readonly trigger: ReactNode;
	readonly items: readonly MenuItem[];
	readonly align?: "start" | "end";
	/** Given where the caller decides; else the menu does. */
	readonly open?: boolean;
	readonly onOpenChange?: (open: boolean) => void;
}

/*
 * Closed it is gone at once: where it is closed before it has begun to rise, Radix would take the rising for a leaving
 * that has to end first, and keep it.
 * Not modal: the modal kind locks scrolling with an inline style sheet, which the Content-Security-Policy refuses.
 */
export function Menu({ trigger, items, align = "end", open, onOpenChange }: MenuProps) {
	const focusTaken = useRef(false);
	return (
		<DropdownMenu.Root
			modal={false}
			{...(open !== undefined && { open })}
			{...(onOpenChange !== undefined && { onOpenChange })}
		>
			<DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
			<DropdownMenu.Portal>
				<DropdownMenu.Content
					align={align}
					sideOffset={6}
					collisionPadding={10}
					onCloseAutoFocus={(event) => {
						if (focusTaken.current) event.preventDefault();
						focusTaken.current = false;
					}}
					className="z-50 min-w-48 animate-rise rounded-control border border-line bg-raised p-1.5 shadow-floating data-[state=closed]:animate-none"
				>
					{items.map(({ label, icon, danger = false, takesFocus = false, onSelect }) => (
						<DropdownMenu.Item
							key={label}
							onSelect={() => {
								focusTaken.current = takesFocus;
								onSelect();
							}}
							className={`flex min-h-10 cursor-pointer select-none items-center gap-3 rounded-[8px] px-3 py-1.5 text-sm outline-none data-highlighted:bg-plum-soft ${danger ? "text-rust" : "text-ink"}`}
						>
							<span className={danger ? "text-rust" : "text-muted"}>{icon}</span>
							{label}
						</DropdownMenu.Item>
					))}
				</DropdownMenu.Content>
			</DropdownMenu.Portal>
		</DropdownMenu.Root>
	);
}
