using SearchEngine.TestSupport;
using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

public sealed class PersistenceTests : IDisposable
{
    private readonly IndexFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private static Dictionary<string, string> At(long address) => new() { ["address"] = address.ToString() };

    [Fact]
    public void Commits_survive_and_uncommitted_writes_do_not()
    {
        long generation;
        using (var index = _fixture.Open())
        {
            Assert.Empty(index.CommitData);
            index.Add([Doc(1, "one"), Doc(2, "two")]);
            generation = index.Commit(At(77));
            index.Add([Doc(3, "three"), Doc(1, "changed")]);
            index.Delete([2]);
            index.Refresh();
            Assert.Equal([1, 3], All(index));
        }
        using (var index = _fixture.Open())
        {
            Assert.Equal([1, 2], All(index));
            Assert.Equal([1], Search(index, "one"));
            Assert.Equal("77", index.CommitData["address"]);
            Assert.Single(index.CommitData);
            Assert.Equal(generation, index.Generation);
            Assert.Empty(index.Check());
        }
    }

    [Fact]
    public void An_older_commit_opens_and_later_history_is_gone()
    {
        long older,
            abandoned;
        using (var index = _fixture.Open())
        {
            index.Add([Doc(1, "one")]);
            index.Commit(At(1));
            index.Add([Doc(2, "two")]);
            older = index.Commit(At(2));
            index.Add([Doc(3, "three")]);
            index.Delete([1]);
            abandoned = index.Commit(At(3));
            Assert.Equal([older, abandoned], index.Generations);
        }
        using (var index = _fixture.Open(generation: older))
        {
            Assert.Equal([1, 2], All(index));
            Assert.Equal("2", index.CommitData["address"]);
            index.Add([Doc(4, "four")]);
            var next = index.Commit(At(4));
            Assert.True(next > abandoned);
            Assert.Equal([older, next], index.Generations);
        }
        using (var index = _fixture.Open(generation: older))
            Assert.Equal([1, 2], All(index));
        var e = Assert.Throws<LexicalIndexException>(() => _fixture.Open(generation: abandoned));
        Assert.Contains($"no commit {abandoned}", e.Message);
    }

    /// <summary>
    /// A loss of power between the commit and the owner's own checkpoint, which keeps the commit's name and not its files'.
    /// </summary>
    [Fact]
    public void A_newer_commit_without_its_files_harms_none_that_is_written_under_their_names()
    {
        long older;
        using (var index = _fixture.Open())
        {
            index.Add(Enumerable.Range(0, 20).Select(i => Doc(i, "common")));
            older = index.Commit(At(1));
            index.Delete([1, 2]);
            index.Commit(At(2));
        }
        var lost = Directory.GetFiles(_fixture.Path, "*.del");
        Assert.NotEmpty(lost);
        foreach (var file in lost)
            File.Delete(file);
        using (var index = _fixture.Open(generation: older))
        {
            for (var round = 0; round < 3; round++)
            {
                index.Delete([3 + round]);
                index.Commit(At(3 + round));
                Assert.Empty(index.Check());
            }
            Assert.Equal(17, All(index).Length);
        }
        using (var index = _fixture.Open())
            Assert.Equal(17, All(index).Length);
    }

    [Fact]
    public void Replaying_writes_changes_nothing()
    {
        using var index = _fixture.Open();
        for (var round = 0; round < 3; round++)
        {
            index.Add(Enumerable.Range(0, 20).Select(i => Doc(i, $"text number{i}")));
            index.Delete([3, 4, 1000]);
            index.Commit(At(round));
        }
        index.Refresh();

        Assert.Equal(18, index.Count);
        Assert.Equal([7], Search(index, "number7"));
        Assert.Empty(Search(index, "number3"));
    }

    [Fact]
    public void Another_schema_is_refused_by_the_field_that_differs()
    {
        _fixture.Open().Dispose();
        void Refused(LexicalSchema schema, string message) =>
            Assert.Contains(message, Assert.Throws<LexicalIndexException>(() => _fixture.Open(schema)).Message, StringComparison.Ordinal);

        Refused(Schema with { Fields = [.. Schema.Fields, new LexicalField { Name = "extra" }] }, "no field 'extra'");
        Refused(Schema with { Fields = [.. Schema.Fields.Skip(1)] }, "has a field 'title'");
        Refused(
            Schema with
            {
                Fields = [.. Schema.Fields.Select(f => f.Name == "year" ? f with { Kind = LexicalFieldKind.Double } : f)],
            },
            "'year' was filterable Int64, not filterable Double"
        );
        Refused(Schema with { Analyzer = "german" }, "analyzer 'english.2', not 'german'");
        // What only acts on queries may change.
        _fixture
            .Open(Schema with { K1 = 1.2f, B = 0.75f, Fields = [.. Schema.Fields.Reverse().Select(f => f with { Boost = 3 })] })
            .Dispose();
    }

    [Fact]
    public void Invalid_schemas_are_refused()
    {
        void Refused(LexicalSchema schema, string message) =>
            Assert.Contains(message, Assert.Throws<ArgumentException>(() => _fixture.Open(schema)).Message, StringComparison.Ordinal);

        foreach (var none in new[] { 1.5f, -0.1f, float.NaN })
            Refused(Schema with { B = none }, "B must be between 0 and 1");
        foreach (var none in new[] { float.NaN, float.PositiveInfinity, -0.1f })
            Refused(Schema with { K1 = none }, "K1 must be finite");
        Refused(Schema with { Fields = [.. Schema.Fields, Schema.Fields[0]] }, "'title' is in the schema twice");
        Refused(
            Schema with
            {
                Fields =
                [
                    new LexicalField
                    {
                        Name = "n",
                        Kind = LexicalFieldKind.Int64,
                        IsFullText = true,
                    },
                ],
            },
            "'n' is full text"
        );
        foreach (var none in new[] { 0, -1, float.NaN, float.PositiveInfinity })
            Refused(Schema with { Fields = [new LexicalField { Name = "n", Boost = none }] }, "boost of field 'n'");
        Refused(Schema with { Fields = [new LexicalField { Name = "" }] }, "has no name");
        Refused(Schema with { Fields = [new LexicalField { Name = "n", Kind = (LexicalFieldKind)99 }] }, "unknown kind");
        // The ends of what is allowed.
        foreach (var b in new[] { 0f, 1f })
        {
            using var fixture = new IndexFixture();
            fixture.Open(Schema with { B = b, K1 = 0 }).Dispose();
        }
    }

    [Fact]
    public void A_second_instance_is_refused()
    {
        using var index = _fixture.Open();

        Assert.Contains("open in another instance", Assert.Throws<LexicalIndexException>(() => _fixture.Open()).Message);
    }

    [Fact]
    public void Damage_is_reported_and_not_taken_for_an_empty_index()
    {
        using (var index = _fixture.Open())
        {
            index.Add(Enumerable.Range(0, 500).Select(i => Doc(i, $"text number{i}")));
            index.Commit(At(1));
        }
        var segment = Directory.EnumerateFiles(_fixture.Path, "_*").MaxBy(f => new FileInfo(f).Length)!;
        var whole = File.ReadAllBytes(segment);
        byte[] damaged = [.. whole];
        for (var i = damaged.Length / 4; i < damaged.Length / 2; i++)
            damaged[i] ^= 0x5A;
        File.WriteAllBytes(segment, damaged);
        IReadOnlyList<string> problems;
        try
        {
            using var index = _fixture.Open();
            problems = index.Check();
        }
        catch (LexicalIndexException e)
        {
            problems = [e.Message];
        }
        Assert.NotEmpty(problems);

        File.WriteAllBytes(segment, whole[..(whole.Length / 2)]);
        Assert.Throws<LexicalIndexException>(() => _fixture.Open());

        foreach (var commit in Directory.EnumerateFiles(_fixture.Path, "segments*"))
            File.Delete(commit);
        Assert.Contains("no commit", Assert.Throws<LexicalIndexException>(() => _fixture.Open()).Message);
    }

    [Fact]
    public void One_flipped_bit_in_any_small_file_is_met_by_the_opening()
    {
        long generation;
        using (var index = _fixture.Open())
        {
            index.Add(Enumerable.Range(0, 300).Select(i => Doc(i, $"text number{i}", tag: $"tag{i % 7}", year: i)));
            generation = index.Commit(At(1));
        }
        var random = new Random(TestSeed.Fresh());
        var segment = Directory.GetFiles(_fixture.Path, "_*");
        Assert.NotEmpty(segment);
        foreach (var path in segment)
        {
            var whole = File.ReadAllBytes(path);
            for (var round = 0; round < 20; round++)
            {
                byte[] damaged = [.. whole];
                var at = random.Next(whole.Length);
                damaged[at] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, damaged);
                var error = Record.Exception(() => _fixture.Open(generation: generation).Dispose());
                Assert.True(error is LexicalIndexException, $"{Path.GetFileName(path)} at {at} of {whole.Length}: {error}");
            }
            File.WriteAllBytes(path, whole);
        }
        using var sound = _fixture.Open();
        Assert.Equal(300, IndexFixture.All(sound).Length);
    }

    [Fact]
    public void A_large_file_that_ends_early_is_met_by_the_opening()
    {
        const int LargeBytes = 1 << 20;
        long generation;
        using (var index = _fixture.Open())
        {
            index.Add(Enumerable.Range(0, 40_000).Select(i => Doc(i, string.Join(' ', Enumerable.Range(i * 7, 12).Select(n => $"w{n}")))));
            generation = index.Commit(At(1));
        }
        var large = Directory.GetFiles(_fixture.Path, "_*").Where(path => new FileInfo(path).Length > LargeBytes).ToArray();
        Assert.NotEmpty(large);
        foreach (var path in large)
        {
            var whole = File.ReadAllBytes(path);
            File.WriteAllBytes(path, whole[..^100]);
            Assert.Throws<LexicalIndexException>(() => _fixture.Open(generation: generation));
            File.WriteAllBytes(path, whole);
        }
        _fixture.Open(generation: generation).Dispose();
    }

    [Fact]
    public void A_torn_newest_commit_falls_back_to_the_one_before_and_a_torn_first_one_to_nothing()
    {
        using (var index = _fixture.Open())
        {
            index.Add([Doc(1, "one")]);
            index.Commit(At(1));
            index.Add([Doc(2, "two")]);
            index.Commit(At(2));
        }
        var newest = Directory.EnumerateFiles(_fixture.Path, "segments_*").Order(StringComparer.Ordinal).Last();
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..20]);
        using (var index = _fixture.Open())
        {
            Assert.Equal([1], All(index));
            Assert.Equal("1", index.CommitData["address"]);
        }

        using var fresh = new IndexFixture();
        fresh.Open().Dispose();
        var first = Assert.Single(Directory.EnumerateFiles(fresh.Path, "segments_*"));
        File.WriteAllBytes(first, []);
        using (var index = fresh.Open())
            Assert.Equal(0, index.Count);
    }

    [Fact]
    public void After_dispose_members_refuse()
    {
        var index = _fixture.Open();
        index.Dispose();
        index.Dispose();

        Assert.Throws<ObjectDisposedException>(() => index.Search(new LexicalQuery { Text = "a" }));
        Assert.Throws<ObjectDisposedException>(() => index.Add([Doc(1, "a")]));
        Assert.Throws<ObjectDisposedException>(() => index.Commit(At(1)));
    }
}
