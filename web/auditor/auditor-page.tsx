/** The page: what is to be checked, a button, and a sentence for each check. */
import { useCallback, useEffect, useState } from "react";
import { Button } from "../app/ui/button.tsx";
import { Field, Problem } from "../app/ui/field.tsx";
import { readFigures } from "./check-figures.ts";
import { checkLog, type Finding, type Machine } from "./check-log.ts";
import { checkPublished } from "./check-published.ts";
import { FindingList, Verdict } from "./finding-list.tsx";
import { Lines } from "./lines.tsx";
import { askServer, readSubject, type Subject, writeLogs } from "./subject.ts";
import { words } from "./words.ts";

interface Section {
	readonly title: string;
	readonly findings: readonly Finding[];
}

const TIMEOUT_MS = 30_000;

function machine(): Machine {
	return {
		get: (url) =>
			fetch(url, { credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(TIMEOUT_MS) }),
		random: (below) => Math.floor((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % below),
		nowMs: Math.round(performance.timeOrigin + performance.now()),
	};
}

export function AuditorPage() {
	const [server, setServer] = useState(location.origin);
	const [logs, setLogs] = useState("");
	const [witnesses, setWitnesses] = useState("");
	const [quorum, setQuorum] = useState("1");
	const [problem, setProblem] = useState<string>();
	const [busy, setBusy] = useState<"asking" | "checking">();
	const [sections, setSections] = useState<readonly Section[]>();

	const ask = useCallback(async (from: string, quietly: boolean) => {
		setBusy("asking");
		setProblem(undefined);
		try {
			const subject = await askServer(from);
			setLogs(writeLogs(subject.logs));
			setWitnesses(subject.witnesses.join("\n"));
			setQuorum(String(subject.quorum));
		} catch {
			if (!quietly) setProblem(words.noServer);
		} finally {
			setBusy(undefined);
		}
	}, []);

	// Served by a messenger it knows whom to ask; served from elsewhere it waits to be told.
	useEffect(() => {
		ask(location.origin, true);
	}, [ask]);

	async function check(): Promise<void> {
		const subject = readSubject(logs, witnesses, quorum, URL.canParse(server) ? server : undefined);
		if ("problem" in subject) {
			setProblem(words.problem[subject.problem](subject.line));
			return;
		}
		setBusy("checking");
		setProblem(undefined);
		setSections([]);
		try {
			for await (const section of checkAll(subject)) setSections((before = []) => [...before, section]);
		} finally {
			setBusy(undefined);
		}
	}

	return (
		<main className="h-full overflow-y-auto">
			<div className="mx-auto flex max-w-3xl flex-col gap-8 px-5 py-10 pb-16">
				<header className="flex flex-col gap-3">
					<h1 className="font-bold text-2xl">{words.title}</h1>
					<p>{words.lead}</p>
					<p className="text-muted text-sm">{words.limits}</p>
				</header>
				<form
					className="flex flex-col gap-5 rounded-card border border-line bg-surface p-5"
					onSubmit={(event) => {
						event.preventDefault();
						check();
					}}
				>
					<h2 className="font-semibold text-lg">{words.what}</h2>
					<div className="flex flex-col gap-3">
						<Field
							label={words.server}
							hint={words.serverHint}
							inputMode="url"
							value={server}
							onChange={(event) => setServer(event.target.value)}
						/>
						<Button look="quiet" className="self-start" busy={busy === "asking"} onClick={() => ask(server, false)}>
							{busy === "asking" ? words.asking : words.ask}
						</Button>
					</div>
					<Lines label={words.logs} hint={words.logsHint} rows={6} value={logs} onChange={setLogs} />
					<Lines
						label={words.witnesses}
						hint={words.witnessesHint}
						rows={2}
						value={witnesses}
						onChange={setWitnesses}
					/>
					<Field
						label={words.quorum}
						inputMode="numeric"
						value={quorum}
						onChange={(event) => setQuorum(event.target.value)}
					/>
					{problem !== undefined && <Problem>{problem}</Problem>}
					<Button type="submit" className="self-start" busy={busy === "checking"}>
						{busy === "checking" ? words.checking : words.check}
					</Button>
				</form>
				{sections !== undefined && (
					<section aria-label={words.results} className="flex flex-col gap-6">
						<div role="status">
							{busy === undefined && <Verdict findings={sections.flatMap(({ findings }) => findings)} />}
						</div>
						{sections.map(({ title, findings }) => (
							<FindingList key={title} title={title} findings={findings} />
						))}
					</section>
				)}
			</div>
		</main>
	);
}

async function* checkAll(subject: Subject): AsyncGenerator<Section> {
	const tools = machine();
	for (const log of subject.logs) {
		const title = words.log.titles[log.name] ?? words.log.receipts(log.name);
		yield { title, findings: await checkLog(log, subject, tools) };
	}
	const shares = subject.logs.find(({ name }) => name === "shares");
	if (shares === undefined) return;
	yield { title: words.published.title, findings: await checkPublished(shares, subject, tools.get) };
	yield { title: words.figures.title, findings: await readFigures(shares.url, tools.get) };
}
