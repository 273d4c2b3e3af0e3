/** A gateway in a process of its own, which a test may kill. */
import { type ChildProcess, fork } from "node:child_process";
import { SystemClock } from "@troth/protocol";
import { type GatewayOptions, startGateway } from "./gateway.ts";
import type { NewTemplate } from "./templates/templates.ts";

type Settings = Omit<GatewayOptions, "clock" | "code" | "log">;
type ToChild =
	| { readonly kind: "start"; readonly settings: Settings }
	| { readonly kind: "code"; readonly code: string }
	| { readonly kind: "template"; readonly template: NewTemplate };
type FromChild =
	| { readonly kind: "code?" }
	| { readonly kind: "started"; readonly url: string }
	| { readonly kind: "stored" }
	| { readonly kind: "failed"; readonly why: string };

export interface GatewayChild {
	readonly child: ChildProcess;
	readonly url: string;
	putTemplate(template: NewTemplate): Promise<void>;
}

export async function startGatewayChild(settings: Settings, code: () => string): Promise<GatewayChild> {
	const child = fork(import.meta.filename, ["child"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	const tell = (message: ToChild) => child.send(message);
	const hear = <Kind extends FromChild["kind"]>(kind: Kind) =>
		new Promise<Extract<FromChild, { kind: Kind }>>((resolve, reject) => {
			const listen = (message: FromChild) => {
				if (message.kind === "failed") reject(new Error(message.why));
				else if (message.kind === kind) resolve(message as Extract<FromChild, { kind: Kind }>);
				else return;
				child.off("message", listen);
			};
			child.on("message", listen);
		});
	child.on("message", (message: FromChild) => {
		if (message.kind === "code?") tell({ kind: "code", code: code() });
	});
	tell({ kind: "start", settings });
	const { url } = await hear("started");
	return {
		child,
		url,
		async putTemplate(template) {
			tell({ kind: "template", template });
			await hear("stored");
		},
	};
}

function serve(): void {
	const codes = Promise.withResolvers<string>();
	const started = Promise.withResolvers<Awaited<ReturnType<typeof startGateway>>>();
	const tell = (message: FromChild) => process.send?.(message);
	const answer = async (message: ToChild) => {
		switch (message.kind) {
			case "start": {
				const code = () => {
					tell({ kind: "code?" });
					return codes.promise;
				};
				const gateway = await startGateway({ ...message.settings, clock: new SystemClock(), code });
				started.resolve(gateway);
				tell({ kind: "started", url: gateway.url });
				return;
			}
			case "code":
				codes.resolve(message.code);
				return;
			case "template":
				await (await started.promise).putTemplate(message.template);
				tell({ kind: "stored" });
		}
	};
	process.on("message", (message: ToChild) => {
		answer(message).catch((error) => tell({ kind: "failed", why: String(error) }));
	});
	process.on("SIGTERM", async () => {
		await (await started.promise)[Symbol.asyncDispose]();
		process.exit(0);
	});
	process.on("disconnect", () => process.exit(1));
}

if (process.argv[2] === "child") serve();
