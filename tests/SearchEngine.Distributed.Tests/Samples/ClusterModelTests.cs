using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using SearchEngine.Samples.Cluster;
using Xunit;

namespace SearchEngine.Distributed.Tests.Samples;

/// <summary>The sample's application model: its parts, what they are given, and what waits for what. Nothing is started.</summary>
public sealed class ClusterModelTests
{
    private const string Given = "Host=db;Username=searchengine;Database=cluster";
    private const string Setting = "SEARCHENGINE_DATABASE__CLUSTER__CONNECTION";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_silos_and_the_host_are_given_the_postgres_that_is_named()
    {
        var resources = Build($"--ConnectionStrings:{ClusterModel.Connection}={Given}");
        Assert.Equal(["cluster", "host", "silo1", "silo2", "silo3"], resources.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(resources.Values, resource => resource.IsContainer());
        var seen = new HashSet<string>();
        for (var number = 1; number <= ClusterModel.Silos; number++)
        {
            var silo = (ProjectResource)resources[$"silo{number}"];
            var arguments = await ArgumentsOfAsync(silo);
            Assert.Equal(["cluster", "run", silo.Name, "--data"], arguments[..4]);
            Assert.Equal(["--port", "--gateway-port"], [arguments[5], arguments[7]]);
            // A folder and two ports of its own; what each argument means is what the command line says.
            Assert.True(seen.Add(arguments[4]) && seen.Add(arguments[6]) && seen.Add(arguments[8]), string.Join(' ', arguments));
            Assert.Equal("SearchEngine.Cli.csproj", Path.GetFileName(silo.GetProjectMetadata().ProjectPath));
            Assert.True(File.Exists(silo.GetProjectMetadata().ProjectPath));
            Assert.Equal(Given, (await EnvironmentOfAsync(silo))[Setting]);
            Assert.Equal([silo.Name], silo.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key));
            Assert.Equal(["cluster"], WaitedFor(silo));
        }

        var host = (ProjectResource)resources["host"];
        Assert.Equal("SearchEngine.Api.csproj", Path.GetFileName(host.GetProjectMetadata().ProjectPath));
        var environment = await EnvironmentOfAsync(host);
        Assert.Equal(Given, environment[Setting]);
        Assert.Equal($"http://127.0.0.1:{ClusterModel.PagePort}", environment["SEARCHENGINE_API__URL"]);
        Assert.Equal(["silo1", "silo2", "silo3"], WaitedFor(host));
    }

    [Fact]
    public void Without_one_postgres_is_a_container_and_the_silos_wait_for_its_database()
    {
        var resources = Build();
        Assert.True(resources["postgres"].IsContainer());
        var database = (PostgresDatabaseResource)resources[ClusterModel.Connection];
        Assert.Same(resources["postgres"], database.Parent);
        foreach (var silo in resources.Values.OfType<ProjectResource>().Where(resource => resource.Name != "host"))
            Assert.Contains(ClusterModel.Connection, WaitedFor(silo));
    }

    private static Dictionary<string, IResource> Build(params string[] arguments)
    {
        var builder = DistributedApplication.CreateBuilder(
            new DistributedApplicationOptions
            {
                Args = arguments,
                AssemblyName = typeof(ClusterModel).Assembly.GetName().Name,
                DisableDashboard = true,
            }
        );
        ClusterModel.AddTo(builder);
        // Beside each project Aspire has a helper of its own that builds it.
        var own = builder.Resources.Where(resource => !resource.Name.EndsWith("-rebuilder", StringComparison.Ordinal));
        return own.ToDictionary(resource => resource.Name);
    }

    private static IEnumerable<string> WaitedFor(IResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name);

    private static async Task<string[]> ArgumentsOfAsync(IResource resource)
    {
        var arguments = new List<object>();
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await callback.Callback(new CommandLineArgsCallbackContext(arguments, Token));
        return [.. arguments.Cast<string>()];
    }

    private static async Task<Dictionary<string, string?>> EnvironmentOfAsync(ProjectResource resource)
    {
        var context = new EnvironmentCallbackContext(
            new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run),
            resource,
            cancellationToken: Token
        );
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await callback.Callback(context);
        var said = new Dictionary<string, string?>();
        // The others are Aspire's own, of addresses that there are when it runs.
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (name.StartsWith("SEARCHENGINE_", StringComparison.Ordinal))
                said[name] = value is IValueProvider provider ? await provider.GetValueAsync(Token) : value.ToString();
        }

        return said;
    }
}
