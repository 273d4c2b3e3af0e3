/** The model, for components. */
import { createContext, useContext } from "react";
import type { Model } from "./model.ts";

export const ModelContext = createContext<Model | undefined>(undefined);

export function useModel(): Model {
	const model = useContext(ModelContext);
	if (model === undefined) throw new Error("there is no model around this component");
	return model;
}
