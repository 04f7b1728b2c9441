using SearchEngine.Cli;
using SearchEngine.Cli.Output;

using var console = CliConsole.ForProcess();
return await CliApplication.RunAsync(args, console);
