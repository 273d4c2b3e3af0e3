/** The device signs the acceptance; the terms are read again, so that every screen knows. */
import { useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export interface AcceptButtonProps {
	readonly version: number;
	/** Names the version, where the person has accepted another one before; it then weighs as much as "Not now". */
	readonly named?: boolean;
	readonly className?: string;
	readonly onAccepted?: () => void;
}

export function AcceptButton({ version, named = false, className = "", onAccepted }: AcceptButtonProps) {
	const model = useModel();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const accept = async () => {
		setBusy(true);
		setError(undefined);
		try {
			await model.accept(version, named ? "notice" : "registration");
			onAccepted?.();
		} catch (failure) {
			setError(reasonOf(failure));
			setBusy(false);
		}
	};
	const label = named ? words.sharing.notice.accept(version) : words.terms.accept;
	return (
		<div className={`flex flex-col gap-2 ${className}`}>
			{error !== undefined && <Problem>{error}</Problem>}
			<Button look={named ? "quiet" : "primary"} busy={busy} onClick={accept} className="min-h-12 text-base">
				{busy ? words.terms.accepting : label}
			</Button>
		</div>
	);
}
