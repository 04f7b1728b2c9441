using SearchEngine.Distributed.Tests;
using SearchEngine.Distributed.Tests.Cluster;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The entry point that xunit generates, preceded by what the tests of clusters ask other processes to be.
if (args is [SiloProgram.Command, ..])
    return await SiloProgram.RunAsync(args[1..]);
if (args is [WriterProgram.Command, ..])
    return await WriterProgram.RunAsync(args[1..]);
if (args is [SoakProgram.Command, ..])
    return await SoakProgram.RunAsync(args[1..]);
return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
    ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await ConsoleRunner.Run(args);
