/** The username: taken, changed, given up. */
import type { FindingView } from "@troth/client/device/api.ts";
import { type FormEvent, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export interface UsernameSectionProps {
	readonly username: string | undefined;
	readonly onChange: (finding: FindingView) => void;
}

export function UsernameSection({ username, onChange }: UsernameSectionProps) {
	const { host, announcement } = useModel();
	const { reach: say } = words.finding;
	const [typed, setTyped] = useState(username ?? "");
	const [busy, setBusy] = useState(false);
	const [asking, setAsking] = useState(false);
	const [error, setError] = useState<string>();
	const name = typed.trim().replace(/^@/, "").toLowerCase();

	const act = async (work: () => Promise<FindingView>, told: string) => {
		setBusy(true);
		setError(undefined);
		try {
			onChange(await work());
			announcement.set(told);
		} catch (failure) {
			setError(reasonFor(failure));
		}
		setBusy(false);
	};
	const submit = (event: FormEvent) => {
		event.preventDefault();
		void act(() => host.setUsername(name), say.claimed(name));
	};
	return (
		<section aria-labelledby="username" className="flex flex-col gap-3">
			<h2 id="username" className="font-bold text-base">
				{say.username}
			</h2>
			<p>{say.usernameText}</p>
			<form onSubmit={submit} noValidate className="flex flex-col gap-3">
				<Field
					label={say.usernameLabel}
					hint={say.usernameHint}
					value={typed}
					error={error}
					autoComplete="off"
					autoCapitalize="none"
					spellCheck={false}
					onChange={({ target }) => {
						setTyped(target.value);
						setError(undefined);
					}}
				/>
				<div className="flex flex-wrap gap-2">
					<Button type="submit" look="quiet" busy={busy} disabled={name === "" || name === username}>
						{username === undefined ? say.claim : say.change}
					</Button>
					{username !== undefined && (
						<Button look="dangerPlain" disabled={busy} onClick={() => setAsking(true)}>
							{say.giveUp}
						</Button>
					)}
				</div>
			</form>
			<Confirm
				open={asking}
				onClose={() => setAsking(false)}
				title={say.giveUpTitle(username ?? "")}
				text={say.giveUpText}
				action={say.giveUp}
				onConfirm={() => void act(host.removeUsername, say.gaveUp)}
			/>
		</section>
	);
}

function reasonFor(error: unknown): string {
	const { code, fields } = error as { readonly code?: string; readonly fields?: { readonly retryAtMs?: number } };
	return code === "RATE_LIMITED" && fields?.retryAtMs !== undefined
		? words.finding.reach.again(words.time.dayAndTime(fields.retryAtMs))
		: reasonOf(error);
}
