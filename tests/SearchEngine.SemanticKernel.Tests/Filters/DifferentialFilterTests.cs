using System.Globalization;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests.Filters;

/// <summary>
/// Random conditions over random records, through the connector and as compiled lambdas: the same records, or the condition is refused by
/// name. Records for which the lambda throws (a member of null) are passed over. <see cref="CasesVariable"/> asks for more cases.
/// </summary>
public sealed class DifferentialFilterTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    private const string CasesVariable = "SEARCHENGINE_FILTER_CASES";
    private const int Rows = 40;

    [Fact]
    public async Task A_filter_finds_what_its_lambda_is_true_for_or_is_refused()
    {
        var cases = int.TryParse(Environment.GetEnvironmentVariable(CasesVariable), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : 2000;
        var random = new Random(TestSeed.Get(20));
        var values = new FilterValues(random);
        var rows = Enumerable.Range(1, Rows).Select(values.Row).ToList();
        var indexed = await fixture.CreateDefinedAsync<int, FilterRow>(Define(true), rows);
        var plain = await fixture.CreateDefinedAsync<int, FilterRow>(Define(false), rows);
        var generator = new FilterGenerator(random, values);
        var (refused, differences) = (0, new List<string>());
        var culture = CultureInfo.CurrentCulture;
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        other.NumberFormat.NumberDecimalSeparator = ",";
        other.NumberFormat.NegativeSign = "~";
        try
        {
            for (var i = 0; i < cases; i++)
            {
                CultureInfo.CurrentCulture = i % 2 == 0 ? culture : other;
                if (Draw(generator) is not { } filter)
                    continue;
                try
                {
                    var found = await FindAsync(indexed, filter);
                    var read = await FindAsync(plain, filter);
                    var compiled = filter.Compile();
                    foreach (var row in rows)
                    {
                        if (Holds(compiled, row) is not { } holds)
                            continue;
                        if (found.Contains(row.Id) != holds)
                            differences.Add($"{filter}: record {row.Id} with an index is {!holds}");
                        if (read.Contains(row.Id) != holds)
                            differences.Add($"{filter}: record {row.Id} without an index is {!holds}");
                    }
                }
                catch (Exception e) when (e is NotSupportedException or InvalidCastException)
                {
                    Assert.NotEmpty(e.Message);
                    refused++;
                }
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }

        Console.WriteLine($"{cases} filters, {refused} refused, {differences.Count} differences");
        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences.Take(20)));

        // What is refused proves nothing about the rest: most have to be answered.
        Assert.InRange(refused, 0, cases * 0.6);
    }

    /// <summary>The next condition; null where the types that were drawn have no such operator.</summary>
    private static Expression<Func<FilterRow, bool>>? Draw(FilterGenerator generator)
    {
        try
        {
            return generator.Next();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<HashSet<int>> FindAsync(
        SearchEngineCollection<int, FilterRow> collection,
        Expression<Func<FilterRow, bool>> filter
    ) => [.. await collection.GetAsync(filter, Rows).Select(r => r.Id).ToListAsync()];

    private static bool? Holds(Func<FilterRow, bool> filter, FilterRow row)
    {
        try
        {
            return filter(row);
        }
        catch (Exception e) when (e is NullReferenceException or ArgumentNullException or InvalidOperationException or OverflowException)
        {
            return null;
        }
    }

    private static VectorStoreCollectionDefinition Define(bool indexed)
    {
        var definition = new VectorStoreCollectionDefinition
        {
            Properties = [new VectorStoreKeyProperty(nameof(FilterRow.Id), typeof(int))],
        };
        foreach (var property in typeof(FilterRow).GetProperties())
        {
            if (property.Name is nameof(FilterRow.Id) or nameof(FilterRow.Vector))
                continue;
            definition.Properties.Add(new VectorStoreDataProperty(property.Name, property.PropertyType) { IsIndexed = indexed });
        }

        definition.Properties.Add(new VectorStoreVectorProperty(nameof(FilterRow.Vector), typeof(ReadOnlyMemory<float>), 3));
        return definition;
    }
}
