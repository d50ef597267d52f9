// Runs share nothing: each has a network and a clock of its own.
[assembly: Parallelizable(ParallelScope.All)]
