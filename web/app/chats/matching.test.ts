import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, bob, carla, conversation, member } from "../chat/_messages.ts";
import { matching } from "./matching.ts";

const chats = [
	conversation("Bob", [member(alice), member(bob)]),
	conversation("Chœur du Jeudi, Émile", [member(alice), member(bob), member(carla)]),
];
const found = (query: string) => matching(chats, query).map(({ title }) => title);

test("alice finds a chat by its title, its people or a number, without accents and in any order", () => {
	assert.deepEqual(found(""), ["Bob", "Chœur du Jeudi, Émile"]);
	assert.deepEqual(found("emile jeu"), ["Chœur du Jeudi, Émile"]);
	assert.deepEqual(found("CARLA"), ["Chœur du Jeudi, Émile"]);
	assert.deepEqual(found("0100002"), ["Bob", "Chœur du Jeudi, Émile"]);
	assert.deepEqual(found("alice"), [], "her own name says nothing about a chat");
});
