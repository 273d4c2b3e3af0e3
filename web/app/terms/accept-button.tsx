/** The device signs the acceptance; the terms are read again, so that every screen knows. */
import { useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export function AcceptButton({ version }: { readonly version: number }) {
	const model = useModel();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const accept = async () => {
		setBusy(true);
		setError(undefined);
		try {
			await model.host.acceptTerms(version);
			model.terms.set(await model.host.terms());
		} catch (failure) {
			setError(reasonOf(failure));
		}
		setBusy(false);
	};
	return (
		<>
			{error !== undefined && <Problem>{error}</Problem>}
			<Button busy={busy} onClick={accept} className="min-h-12 text-base">
				{busy ? words.terms.accepting : words.terms.accept}
			</Button>
		</>
	);
}
