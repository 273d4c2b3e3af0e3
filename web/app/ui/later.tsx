/** Screens that are loaded when they are opened: the app's start does not wait for them. */
import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { words } from "../words/words.ts";
import { Spinner } from "./spinner.tsx";

/** A component that is loaded when it is first shown. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): (props: Props) => ReactNode {
	const Loaded = lazy(async () => ({ default: await load() })) as unknown as ComponentType<Props>;
	return (props) => (
		<Suspense fallback={<Loading />}>
			<Loaded {...props} />
		</Suspense>
	);
}

function Loading() {
	return (
		<div role="status" className="grid place-items-center p-12 text-muted">
			<Spinner size={24} />
			<span className="sr-only">{words.common.loading}</span>
		</div>
	);
}
