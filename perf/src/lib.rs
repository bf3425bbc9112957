//! Benchmarks live in `benches`; budgets in `budgets.json`.
