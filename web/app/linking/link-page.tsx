/** Letting another device in: its code, what it will be able to do, and the person's yes or no. */
import type { LinkRequestView } from "@troth/client/device/api.ts";
import { readCode } from "@troth/client/linking/link-code.ts";
import { CircleCheck, CircleSlash, ShieldAlert, Unlink } from "lucide-react";
import { type FormEvent, type ReactNode, useCallback, useState } from "react";
import { Link } from "../routing/link.tsx";
import { goTo } from "../routing/router.ts";
import { ScanButton } from "../scanning/scan-button.tsx";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Field, Problem } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { DeviceIcon } from "./device-icon.tsx";

export function LinkPage({ code }: { readonly code: string | undefined }) {
	const { letIn: say } = words.linking;
	const leave = () => goTo({ place: "settings", page: "devices" }, { replace: true });
	return (
		<Pane title={say.title} stands="content" onLeave={leave}>
			<div className="mx-auto flex max-w-md flex-col gap-5 p-5">
				{code === undefined ? <EnterCode /> : <Waiting code={code} />}
			</div>
		</Pane>
	);
}

function EnterCode() {
	const [typed, setTyped] = useState("");
	const [problem, setProblem] = useState<string>();
	const { letIn: say } = words.linking;
	const take = (text: string, problem: string) => {
		if (readCode(text) === undefined) return setProblem(problem);
		goTo({ place: "link", code: text.trim().replace(/^.*#\/link\//s, "") }, { replace: true });
	};
	const submit = (event: FormEvent) => {
		event.preventDefault();
		take(typed, say.bad);
	};
	return (
		<form onSubmit={submit} noValidate className="flex flex-col gap-5">
			<div className="flex flex-col gap-1.5">
				<h2 className="font-bold text-lg">{say.enterTitle}</h2>
				<p className="text-muted text-sm">{say.enterText}</p>
			</div>
			<ScanButton label={say.scan} instead={say.insteadOfScanning} onCode={(text) => take(text, say.badScan)} />
			<Field
				label={say.label}
				hint={say.hint}
				error={problem}
				value={typed}
				onChange={(event) => {
					setTyped(event.target.value);
					setProblem(undefined);
				}}
				autoComplete="off"
				autoCapitalize="characters"
				spellCheck={false}
				className="font-mono text-sm"
			/>
			<Button type="submit" disabled={typed.trim() === ""} className="min-h-12 text-base">
				{say.look}
			</Button>
		</form>
	);
}

function Waiting({ code }: { readonly code: string }) {
	const { host } = useModel();
	const { value: request, error } = useAnswer(useCallback(() => host.openLink(code), [host, code]));
	const { letIn: say } = words.linking;
	if (error !== undefined) return <Nobody error={error} />;
	if (request === undefined)
		return (
			<p role="status" className="flex items-center gap-2.5 text-muted text-sm">
				<Spinner size={20} /> {say.looking}
			</p>
		);
	return <Asked request={request} />;
}

function Nobody({ error }: { readonly error: unknown }) {
	const { letIn: say } = words.linking;
	const { code } = error as { readonly code?: string };
	if (code !== "NOT_FOUND" && code !== "MALFORMED") return <Problem>{reasonOf(error)}</Problem>;
	return (
		<>
			<Told icon={<Unlink size={20} />} title={say.nobody}>
				{say.nobodyText}
			</Told>
			<EnterCode />
		</>
	);
}

type Answer =
	| { readonly at: "asked" | "busy" | "linked" | "refused" }
	| { readonly at: "failed"; readonly why: string };

function Asked({ request }: { readonly request: LinkRequestView }) {
	const { host } = useModel();
	const [answer, setAnswer] = useState<Answer>({ at: "asked" });
	const { letIn: say } = words.linking;
	const confirm = async () => {
		setAnswer({ at: "busy" });
		try {
			await host.confirmLink(request.link);
			setAnswer({ at: "linked" });
		} catch (error) {
			setAnswer({ at: "failed", why: whyNot(error) });
		}
	};
	const refuse = () => {
		setAnswer({ at: "refused" });
		// Nothing was told; where even the no does not arrive, the code ends by itself.
		host.refuseLink(request.link).catch(() => {});
	};
	switch (answer.at) {
		case "linked":
			return (
				<Told icon={<CircleCheck size={20} />} tone="moss" title={say.doneTitle}>
					{say.done(request.name)}
				</Told>
			);
		case "refused":
			return (
				<Told icon={<CircleSlash size={20} />} title={say.refusedTitle}>
					{say.refused}
				</Told>
			);
		default:
			return (
				<>
					<div className="flex flex-col items-center gap-3 pt-2 text-center">
						<span className="grid size-20 place-items-center rounded-full bg-plum-soft text-plum">
							<DeviceIcon kind={request.kind} size={38} />
						</span>
						<h2 className="text-balance break-words font-bold text-xl">{say.confirmTitle(request.name)}</h2>
						<p className="max-w-xs text-muted text-xs">{say.named}</p>
					</div>
					<div className="rounded-card border border-line bg-raised p-4 text-sm">
						<p className="font-semibold">{say.mayTitle}</p>
						<ul className="mt-2 flex list-disc flex-col gap-1.5 pl-5 marker:text-plum">
							{say.may.map((text) => (
								<li key={text}>{text}</li>
							))}
						</ul>
					</div>
					<Note icon={<ShieldAlert size={20} aria-hidden="true" />} tone="rust">
						<p>{say.warning}</p>
					</Note>
					{answer.at === "failed" && <Problem>{answer.why}</Problem>}
					<div className="flex flex-col gap-2">
						<Button busy={answer.at === "busy"} onClick={() => void confirm()} className="min-h-12 text-base">
							{answer.at === "busy" ? say.linking : say.yes}
						</Button>
						<Button look="quiet" disabled={answer.at === "busy"} onClick={refuse} className="min-h-12 text-base">
							{say.no}
						</Button>
					</div>
				</>
			);
	}
}

function whyNot(error: unknown): string {
	const { letIn: say } = words.linking;
	switch ((error as { readonly code?: string }).code) {
		case "NOT_FOUND":
			return `${say.nobody}. ${say.nobodyText}`;
		case "FORBIDDEN":
		case "MALFORMED":
			return say.disagreed;
		default:
			return reasonOf(error);
	}
}

interface ToldProps {
	readonly icon: ReactNode;
	readonly title: string;
	readonly tone?: "plain" | "moss";
	readonly children: string;
}

function Told({ icon, title, tone = "plain", children }: ToldProps) {
	return (
		<div role="status">
			<Note icon={icon} title={title} tone={tone}>
				<p className="mt-0.5">{children}</p>
				<Link
					to={{ place: "settings", page: "devices" }}
					className="mt-2 inline-block font-semibold text-plum underline underline-offset-2"
				>
					{words.linking.letIn.see}
				</Link>
			</Note>
		</div>
	);
}
