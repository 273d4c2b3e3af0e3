/** The ads of the company: its only door to the rest. */
import type { FastifyInstance } from "fastify";
import type { FamilyContext } from "../context.ts";

/** Adds the routes, the ad slot and the listeners of ads. Called where the company has the feature. */
export async function registerAds(_app: FastifyInstance, _context: FamilyContext): Promise<void> {}
