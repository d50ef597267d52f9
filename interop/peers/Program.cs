using PeersInterop;

return await CommandLine.RunAsync(args);
