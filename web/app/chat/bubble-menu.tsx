/** What one can do with a message. The menu itself is made when it is first wanted: most messages never need one. */
import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { Menu, type MenuItem } from "../ui/menu.tsx";
import { words } from "../words/words.ts";

export interface BubbleMenuProps {
	readonly name: string;
	readonly own: boolean;
	readonly items: () => readonly MenuItem[];
	/** Undefined until it was opened once. */
	readonly open: boolean | undefined;
	readonly onOpenChange: (open: boolean) => void;
}

export function BubbleMenu({ name, own, items, open, onOpenChange }: BubbleMenuProps) {
	if (open === undefined) return <Handle name={name} onClick={() => onOpenChange(true)} aria-haspopup="menu" />;
	return (
		<Menu
			align={own ? "end" : "start"}
			items={items()}
			open={open}
			onOpenChange={onOpenChange}
			trigger={<Handle name={name} />}
		/>
	);
}

function Handle({ name, ...rest }: ComponentProps<"button"> & { readonly name: string }) {
	return (
		<button
			type="button"
			tabIndex={-1}
			{...rest}
			aria-label={words.message.actions(name)}
			className="grid size-8 shrink-0 place-items-center rounded-full text-muted opacity-0 transition-opacity hover:bg-hover focus-visible:opacity-100 group-focus-within/row:opacity-100 group-hover/row:opacity-100 data-[state=open]:opacity-100"
		>
			<ChevronDown size={17} />
		</button>
	);
}
