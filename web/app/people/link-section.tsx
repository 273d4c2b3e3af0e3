/** The contact link and its QR code: made, sent, replaced, revoked. */
import type { ContactLinkView, FindingView } from "@troth/client/device/api.ts";
import { nameLink } from "@troth/client/finding/contact-link.ts";
import { RefreshCw, Unlink } from "lucide-react";
import { useState } from "react";
import { QrCode } from "../info/qr-code.tsx";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";
import { TextButtons } from "./text-buttons.tsx";

export interface LinkSectionProps {
	readonly link: ContactLinkView;
	readonly onChange: (finding: FindingView) => void;
}

export function LinkSection({ link, onChange }: LinkSectionProps) {
	const { host, announcement } = useModel();
	const { reach: say } = words.finding;
	const [asking, setAsking] = useState<"renew" | "revoke">();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const act = async (work: () => Promise<FindingView>, told: string) => {
		setBusy(true);
		setError(undefined);
		try {
			onChange(await work());
			announcement.set(told);
		} catch (failure) {
			setError(reasonOf(failure));
		}
		setBusy(false);
	};
	const make = () => act(host.makeContactLink, say.made);
	return (
		<section aria-labelledby="link" className="flex flex-col gap-3">
			<h2 id="link" className="font-bold text-base">
				{say.link}
			</h2>
			<p>{say.linkText}</p>
			{error !== undefined && <Problem>{error}</Problem>}
			{link.state === "elsewhere" && <p className="text-muted">{say.elsewhere}</p>}
			{link.state === "here" ? (
				<>
					<LinkCard address={link.address} />
					<div className="flex flex-wrap gap-2">
						<Button look="plain" disabled={busy} onClick={() => setAsking("renew")}>
							<RefreshCw size={16} aria-hidden="true" /> {say.renew}
						</Button>
						<Button look="dangerPlain" disabled={busy} onClick={() => setAsking("revoke")}>
							<Unlink size={16} aria-hidden="true" /> {say.revoke}
						</Button>
					</div>
				</>
			) : (
				<Button busy={busy} className="self-start" onClick={() => void make()}>
					{say.make}
				</Button>
			)}
			<Confirm
				open={asking === "renew"}
				onClose={() => setAsking(undefined)}
				title={say.renewTitle}
				text={say.renewText}
				action={say.renew}
				onConfirm={() => void make()}
			/>
			<Confirm
				open={asking === "revoke"}
				onClose={() => setAsking(undefined)}
				title={say.revokeTitle}
				text={say.revokeText}
				action={say.revoke}
				onConfirm={() => void act(host.revokeContactLink, say.revoked)}
			/>
		</section>
	);
}

function LinkCard({ address }: { readonly address: string }) {
	const self = useCell(useModel().self);
	const { reach: say } = words.finding;
	const [named, setNamed] = useState(true);
	const shown = named && self !== undefined ? nameLink(address, self.name) : address;
	return (
		<div className="overflow-hidden rounded-card border border-line bg-raised shadow-raised">
			<div className="flex flex-col items-center gap-4 p-5">
				<QrCode text={shown} label={say.qr} />
				<p className="w-full">
					<span className="sr-only">{say.address}: </span>
					<span className="block select-all break-all text-center text-muted text-xs">{shown}</span>
				</p>
				<TextButtons text={shown} copy={say.copy} send={say.send} />
			</div>
			<div className="border-line border-t">
				<SwitchRow label={say.named} text={say.namedText} checked={named} onChange={setNamed} />
			</div>
		</div>
	);
}
