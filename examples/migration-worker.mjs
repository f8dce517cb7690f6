// The worker file of the migration example, as Piscina wants it.
export default ({ a, b }) => a + b;
