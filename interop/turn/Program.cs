using Ice.Interop.Turn;

return await CoturnChecks.RunAsync(args).ConfigureAwait(false);
