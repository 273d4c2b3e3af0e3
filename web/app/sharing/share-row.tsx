/** One share: what went to whom and what became of it; the proof stands behind a touch. */
import type { ProofView, ShareView } from "@troth/client/device/api.ts";
import { ChevronDown, ShieldCheck, ShieldX } from "lucide-react";
import type { ReactNode } from "react";
import { capital } from "../words/en-grammar.ts";
import { words } from "../words/words.ts";

export interface ShareRowProps {
	readonly share: ShareView;
	readonly recall: ShareView | undefined;
	readonly company: string;
}

export function ShareRow({ share, recall, company }: ShareRowProps) {
	const { shares: say } = words.sharing;
	const { n, timeMs, state, words: under, alarms, purpose } = share;
	const trusted = alarms.length === 0;
	return (
		<li
			className={`overflow-hidden rounded-card border bg-raised ${trusted ? "border-line" : "border-rust"}`}
			aria-label={titleOf(share, company)}
		>
			<div className="px-4 pt-3.5 pb-3">
				<h2 className="font-semibold text-sm">{capital(titleOf(share, company))}</h2>
				<p className="text-muted text-xs">{words.time.dayAndTime(timeMs)}</p>
				<p className="mt-1.5 text-sm">{say.states[state]}</p>
				{recall !== undefined && <p className="text-muted text-xs">{say.recalledAt(recall.timeMs)}</p>}
				{alarms.map((alarm) => (
					<p key={alarm} className="mt-1.5 flex gap-1.5 font-semibold text-rust text-sm">
						<ShieldX size={16} aria-hidden="true" className="mt-0.5 shrink-0" />
						{say.alarms[alarm]}
					</p>
				))}
				<Facts>
					<Fact name={say.purpose}>{under?.title ?? purpose}</Fact>
					{share.basis !== undefined && <Fact name={say.basis}>{say.because(share.basis)}</Fact>}
					{under !== undefined && (
						<Fact name={say.under}>
							{say.version(under.version)}: “{under.body}”
						</Fact>
					)}
				</Facts>
			</div>
			<details className="group border-line border-t">
				<summary className="flex min-h-11 cursor-pointer list-none items-center gap-2 px-4 py-2 font-semibold text-xs outline-offset-[-3px] hover:bg-hover [&::-webkit-details-marker]:hidden">
					<ProofMark proof={share.proof} />
					<span className="flex-1">
						{share.proof.verified ? say.verified : say.unverified(share.proof.reason)} · {say.unreadable(n)}
					</span>
					<ChevronDown size={16} aria-hidden="true" className="text-muted transition-transform group-open:rotate-180" />
				</summary>
				<div className="flex flex-col gap-4 border-line border-t px-4 py-3.5">
					<Proof title={say.proof} proof={share.proof} />
					<Proof title={say.receipt} proof={share.receipt} />
				</div>
			</details>
		</li>
	);
}

function titleOf({ kind, fields, n }: ShareView, company: string): string {
	const { shares: say, fieldList } = words.sharing;
	if (kind === "recall") return say.recall(company);
	return kind === "share" ? say.to(fieldList(fields), company) : say.unreadable(n);
}

function ProofMark({ proof }: { readonly proof: ProofView }) {
	return proof.verified ? (
		<ShieldCheck size={17} aria-hidden="true" className="text-moss" />
	) : (
		<ShieldX size={17} aria-hidden="true" className="text-rust" />
	);
}

function Proof({ title, proof }: { readonly title: string; readonly proof: ProofView | undefined }) {
	const { shares: say } = words.sharing;
	return (
		<section aria-label={title}>
			<h3 className="font-semibold text-xs">{title}</h3>
			{proof === undefined && <p className="text-muted text-xs">{say.receiptNone}</p>}
			{proof?.verified === false && <p className="text-rust text-xs">{say.unverified(proof.reason)}</p>}
			{proof?.verified === true && (
				<>
					<Facts>
						<Fact name={say.log}>{proof.log}</Fact>
						<Fact name={say.index}>{say.leaf(proof.index, proof.treeSize)}</Fact>
						<Fact name={say.hash}>
							<code className="break-all">{proof.leafHash}</code>
						</Fact>
						<Fact name={say.witnesses}>{proof.witnesses.join(", ") || say.witnessesNone}</Fact>
					</Facts>
					<p className="mt-1.5 text-muted text-xs">{say.checkpoint}</p>
					<pre className="mt-1 whitespace-pre-wrap break-all rounded-control bg-hover p-2.5 text-2xs">
						{proof.checkpoint}
					</pre>
				</>
			)}
		</section>
	);
}

function Facts({ children }: { readonly children: ReactNode }) {
	return <dl className="mt-1.5 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-xs">{children}</dl>;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
	return (
		<>
			<dt className="text-muted">{name}</dt>
			<dd className="min-w-0">{children}</dd>
		</>
	);
}
