/** Taking people in: from a vCard file, or from the phone's own address book where the browser has a picker. */
import type { ImportView } from "@troth/client/device/api.ts";
import { FileUp, Smartphone } from "lucide-react";
import { useRef, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";
import { hasContactPicker, pickContacts } from "./contact-picker.ts";

/** What the device takes; a larger file is not even read. */
const MOST_BYTES = 32 * 1024 * 1024;

export function ImportContacts() {
	const { host } = useModel();
	const { contacts: say } = words.finding;
	const file = useRef<HTMLInputElement>(null);
	const [shown, setShown] = useState(true);
	const [busy, setBusy] = useState(false);
	const [outcome, setOutcome] = useState<ImportView>();
	const [error, setError] = useState<string>();

	const take = async (work: () => Promise<ImportView | undefined>) => {
		setBusy(true);
		setError(undefined);
		setOutcome(undefined);
		try {
			setOutcome(await work());
		} catch (failure) {
			setError(reasonOf(failure));
		}
		setBusy(false);
	};
	const read = (chosen: File) =>
		take(async () =>
			chosen.size > MOST_BYTES
				? { state: "refused", problem: "too-large" }
				: host.importVcards(new Uint8Array(await chosen.arrayBuffer()), shown),
		);
	const pick = () =>
		take(async () => {
			const picked = await pickContacts();
			return picked.length === 0 ? undefined : host.importContacts(picked, shown);
		});
	return (
		<div className="flex flex-col gap-3">
			<div className="overflow-hidden rounded-card border border-line bg-raised">
				<SwitchRow label={say.names} text={say.namesText} checked={shown} onChange={setShown} />
			</div>
			<div className="flex flex-wrap gap-2">
				<Button busy={busy} onClick={() => file.current?.click()}>
					{!busy && <FileUp size={17} aria-hidden="true" />} {busy ? say.importing : say.file}
				</Button>
				{hasContactPicker() && (
					<Button look="quiet" disabled={busy} onClick={() => void pick()}>
						<Smartphone size={17} aria-hidden="true" /> {say.phone}
					</Button>
				)}
			</div>
			<input
				ref={file}
				type="file"
				accept=".vcf,.vcard,text/vcard,text/x-vcard"
				aria-label={say.file}
				hidden
				onChange={({ target }) => {
					const chosen = target.files?.[0];
					target.value = "";
					if (chosen !== undefined) void read(chosen);
				}}
			/>
			<p className="text-muted text-xs">{say.fileHint}</p>
			{error !== undefined && <Problem>{error}</Problem>}
			{outcome?.state === "refused" && <Problem>{say.problems[outcome.problem]}</Problem>}
			<div role="status">
				{outcome?.state === "imported" && (
					<p className="rounded-control bg-moss-soft px-3.5 py-2.5">
						<span className="font-semibold">{say.imported(outcome.added, outcome.known)}</span>{" "}
						{say.leftOut(outcome.unreadable, outcome.damaged)}
					</p>
				)}
			</div>
		</div>
	);
}
