using Bench;

return await Runner.RunAsync(args);
