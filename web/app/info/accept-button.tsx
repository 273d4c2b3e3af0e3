/** Takes a changed key or the new account of a number, after a question. */
import type { AccountId } from "@troth/protocol";
import { useState } from "react";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { words } from "../words/words.ts";
import { useAction } from "./use-action.ts";
import { safetyChanges } from "./use-safety.ts";

export interface AcceptButtonProps {
	readonly account: AccountId;
	readonly what: "key" | "number";
	readonly name: string;
}

export function AcceptButton({ account, what, name }: AcceptButtonProps) {
	const model = useModel();
	const act = useAction();
	const [asking, setAsking] = useState(false);
	const { trust } = words;
	const accept = () =>
		act(async () => {
			const id = await model.host.acceptKeyChange(account);
			await model.conversations.load();
			safetyChanges.set(safetyChanges.value + 1);
			if (id !== undefined) goTo({ place: "chat", id }, { replace: true });
		});
	return (
		<>
			<Button look="quiet" className="min-h-9" onClick={() => setAsking(true)}>
				{what === "key" ? trust.acceptKeyAction : trust.banner.accept}
			</Button>
			<Confirm
				open={asking}
				onClose={() => setAsking(false)}
				title={what === "key" ? trust.acceptKeyTitle(name) : trust.acceptTitle(name)}
				text={what === "key" ? trust.acceptKeyText : trust.acceptText}
				action={what === "key" ? trust.acceptKeyAction : trust.banner.accept}
				onConfirm={() => void accept()}
			/>
		</>
	);
}
