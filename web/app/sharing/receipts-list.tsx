/** The receipts of this device's decisions, each to be kept as a file. */
import type { ReceiptView, TermsView } from "@troth/client/device/api.ts";
import { Download } from "lucide-react";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useCell } from "../state/store.ts";
import { IconButton } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export function ReceiptsList({ terms }: { readonly terms: TermsView }) {
	// Read anew with every decision.
	return <Receipts key={newestDecision(useCell(useModel().sharing)?.choices)} terms={terms} />;
}

function newestDecision(choices: readonly { readonly decidedAtMs: number | undefined }[] = []): number {
	return Math.max(0, ...choices.map(({ decidedAtMs }) => decidedAtMs ?? 0));
}

function Receipts({ terms }: { readonly terms: TermsView }) {
	const model = useModel();
	const { value: receipts, error } = useAnswer(model.host.receipts);
	const { settings: say } = words.sharing;
	const titleOf = (purpose: string) => terms.purposes.find(({ id }) => id === purpose)?.title ?? purpose;
	if (error !== undefined)
		return (
			<div className="p-4">
				<Problem>{reasonOf(error)}</Problem>
			</div>
		);
	if (receipts?.length === 0) return <p className="p-4 text-muted text-sm">{say.receiptsNone}</p>;
	return (
		<ul className="divide-y divide-line">
			{receipts?.toReversed().map((receipt) => (
				<li key={receipt.event} className="flex items-center gap-3 px-4 py-2.5">
					<span className="min-w-0 flex-1">
						<span className="block font-semibold text-sm">{words.time.dayAndTime(receipt.decidedAtMs)}</span>
						<span className="block text-muted text-xs">{describe(receipt, titleOf)}</span>
						{receipt.recordedAtMs === undefined && (
							<span className="block text-brass text-xs">{say.receiptMissing}</span>
						)}
					</span>
					<IconButton
						label={say.downloadOf(words.time.dayAndTime(receipt.decidedAtMs))}
						onClick={() => {
							download(receipt);
							model.say(say.downloaded);
						}}
					>
						<Download size={19} />
					</IconButton>
				</li>
			))}
		</ul>
	);
}

function describe({ decisions }: ReceiptView, titleOf: (purpose: string) => string): string {
	const titles = (wanted: boolean) =>
		decisions.filter(({ granted }) => granted === wanted).map(({ purpose }) => titleOf(purpose));
	return words.sharing.settings.receiptLine(titles(true), titles(false));
}

function download({ event, document: text }: ReceiptView): void {
	const url = URL.createObjectURL(new Blob([text], { type: "application/ld+json" }));
	const link = Object.assign(document.createElement("a"), { href: url, download: `troth-receipt-${event}.jsonld` });
	link.click();
	URL.revokeObjectURL(url);
}
