using SearchEngine.TestSupport;
using SearchEngine.TestSupport.Postgres;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>The connector's tests once more, over a cluster in place of a database of this machine.</summary>
public sealed class ClusterTests
{
    /// <summary>Classes that between them use every operation.</summary>
    [Fact]
    public Task The_connectors_tests_pass_over_a_cluster() =>
        RunAsync(
            typeof(BasicModelTests),
            typeof(CollectionManagementTests),
            typeof(HybridSearchTests),
            typeof(KeyTypeTests),
            typeof(PartialUpdateTests)
        );

    /// <summary>All of them, by hand: <c>-explicit only -class SearchEngine.SemanticKernel.Tests.ClusterTests</c>.</summary>
    [Fact(Explicit = true)]
    public Task All_of_the_connectors_tests_pass_over_a_cluster() => RunAsync(OverAStore);

    /// <summary>The classes whose store may be a cluster: those that are given one by a fixture.</summary>
    private static Type[] OverAStore =>
        [
            .. typeof(ClusterTests)
                .Assembly.GetTypes()
                .Where(type => FixturesOf(type).Any(fixture => fixture == typeof(StoreFixture) || TakesAStore(fixture)))
                .OrderBy(type => type.FullName, StringComparer.Ordinal),
        ];

    private static IEnumerable<Type> FixturesOf(Type type) =>
        type.IsAbstract
            ? []
            : type.GetInterfaces()
                .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IClassFixture<>))
                .Select(face => face.GenericTypeArguments[0]);

    /// <summary>Whether a fixture builds on the one with the store: by inheritance, or by holding one.</summary>
    private static bool TakesAStore(Type fixture) =>
        fixture.IsSubclassOf(typeof(StoreFixture))
        || fixture
            .GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)
            .Any(field => field.FieldType == typeof(StoreFixture));

    private static async Task RunAsync(params Type[] classes)
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        Assert.SkipUnless(Environment.GetEnvironmentVariable(ClusterStore.Variable) is null, "These tests are over a cluster already.");
        await using var server = await PostgresServer.StartAsync();
        var (exitCode, output) = await TestChild.RunAsync(
            classes,
            new Dictionary<string, string> { [ClusterStore.Variable] = server.ConnectionString("postgres") },
            TestContext.Current.CancellationToken
        );
        Assert.True(exitCode == 0, output);
    }
}
