// Parses each query and checks it against the schema, with the reference implementation of GraphQL.
import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";

const schema = buildSchema(readFileSync("schema.graphql", "utf8"));
const queries = JSON.parse(readFileSync("queries.json", "utf8"));
const check = (query) => {
  try {
    return validate(schema, parse(query)).map((error) => error.message);
  } catch (error) {
    return [error.message];
  }
};
console.log(JSON.stringify(queries.map(check)));
