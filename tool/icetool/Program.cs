using IceTool.CommandLine;

return await IceCommandLine.RunAsync(args).ConfigureAwait(false);
