using SearchEngine;
using SearchEngine.Api;
using SearchEngine.Hosting;

try
{
    await using var application = await ApiHost.StartAsync(SettingsLoader.Load(), args);
    await application.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (exception is HostException or SearchDatabaseException or IOException)
{
    await Console.Error.WriteLineAsync("error: " + exception.Message);
    return 2;
}
