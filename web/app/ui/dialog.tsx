/** Questions that stand before everything else. */
import { X } from "lucide-react";
import { AlertDialog, Dialog } from "radix-ui";
import { type ReactNode, useEffect } from "react";
import { words } from "../words/words.ts";
import { Button, IconButton } from "./button.tsx";

const SHADE = "fixed inset-0 z-40 animate-appear bg-shade";
const SHEET =
	"fixed z-40 inset-x-0 bottom-0 max-h-[92dvh] w-full animate-rise overflow-y-auto rounded-t-card bg-surface p-6 shadow-floating sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[min(30rem,92vw)] sm:-translate-1/2 sm:rounded-card data-[state=closed]:animate-none";

let standing = 0;

/** The shade of a question that stands; as long as it does, nothing below it can be reached by any means. */
function Shade() {
	useEffect(() => {
		const page = document.getElementById("app");
		standing += 1;
		if (page !== null) page.inert = true;
		return () => {
			standing -= 1;
			if (page !== null) page.inert = standing > 0;
		};
	}, []);
	return <div className={SHADE} />;
}

export interface SheetProps {
	readonly open: boolean;
	readonly onClose: () => void;
	readonly title: string;
	readonly children: ReactNode;
}

/*
 * The shade is an element of our own: Radix's overlay locks scrolling with an inline style sheet, which the page's
 * Content-Security-Policy refuses, and the page itself never scrolls.
 */
export function Sheet({ open, onClose, title, children }: SheetProps) {
	return (
		<Dialog.Root open={open} onOpenChange={(next) => next || onClose()}>
			<Dialog.Portal>
				<Shade />
				<Dialog.Content
					className={SHEET}
					aria-describedby={undefined}
					onOpenAutoFocus={(event) => {
						// The cross would be first; what the sheet is about should be.
						const sheet = event.currentTarget as HTMLElement;
						event.preventDefault();
						(sheet.querySelector<HTMLElement>("input, textarea") ?? sheet).focus();
					}}
				>
					<div className="mb-4 flex items-start justify-between gap-4">
						<Dialog.Title className="font-bold text-lg">{title}</Dialog.Title>
						<Dialog.Close asChild>
							<IconButton label={words.common.close} className="-mt-1.5 -mr-2">
								<X size={20} />
							</IconButton>
						</Dialog.Close>
					</div>
					{children}
				</Dialog.Content>
			</Dialog.Portal>
		</Dialog.Root>
	);
}

export interface ConfirmProps {
	readonly open: boolean;
	readonly onClose: () => void;
	readonly title: string;
	readonly text: string;
	readonly action: string;
	readonly onConfirm: () => void;
}

/** Asks before something that can not be taken back easily; the safe answer has the focus. */
export function Confirm({ open, onClose, title, text, action, onConfirm }: ConfirmProps) {
	return (
		<AlertDialog.Root open={open} onOpenChange={(next) => next || onClose()}>
			<AlertDialog.Portal>
				<Shade />
				<AlertDialog.Content className={SHEET}>
					<AlertDialog.Title className="mb-2 font-bold text-lg">{title}</AlertDialog.Title>
					<AlertDialog.Description className="mb-6 text-muted">{text}</AlertDialog.Description>
					<div className="flex justify-end gap-2">
						<AlertDialog.Cancel asChild>
							<Button look="quiet">{words.common.cancel}</Button>
						</AlertDialog.Cancel>
						<AlertDialog.Action asChild>
							<Button look="danger" onClick={onConfirm}>
								{action}
							</Button>
						</AlertDialog.Action>
					</div>
				</AlertDialog.Content>
			</AlertDialog.Portal>
		</AlertDialog.Root>
	);
}
