using SearchEngine.Training.Distillation;

namespace SearchEngine.Training.Tests.Distillation;

public sealed class TeacherCacheTests : IDisposable
{
    private const int Dimension = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("teacher-cache-").FullName;

    private string File => Path.Combine(_folder, "teacher.vectors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Vectors_are_found_again_after_reopening_to_the_precision_of_float16()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        var expected = new Dictionary<UInt128, float[]>();
        for (var session = 0; session < 3; session++)
        {
            using var cache = TeacherCache.OpenOrCreate(File, "one", Dimension);
            Assert.Equal(expected.Count, cache.Count);
            for (var block = 0; block < 4; block++)
            {
                var keys = Enumerable.Range(0, random.Next(1, 9)).Select(i => TextKey.Of($"{session} {block} {i}")).ToArray();
                var values = Enumerable.Range(0, keys.Length * Dimension).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
                cache.Append(keys, values);
                for (var i = 0; i < keys.Length; i++)
                    expected[keys[i]] = values[(i * Dimension)..((i + 1) * Dimension)];
            }

            var found = new Half[Dimension];
            foreach (var (key, vector) in expected)
            {
                cache.Read(key, found);
                for (var i = 0; i < Dimension; i++)
                    Assert.True(Math.Abs((float)found[i] - vector[i]) < 1e-3, $"seed {Seed}: {found[i]} for {vector[i]}");
            }
        }
    }

    [Fact]
    public void An_interrupted_write_costs_its_block_wherever_it_was_cut()
    {
        Write("a", "b");
        var first = new FileInfo(File).Length;
        Write("c");
        var whole = System.IO.File.ReadAllBytes(File);
        for (var length = first; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..(int)length]);
            Write("d");
            using var cache = TeacherCache.OpenOrCreate(File, "one", Dimension);
            Assert.Equal(3, cache.Count);
            Assert.True(cache.Contains(TextKey.Of("a")) && cache.Contains(TextKey.Of("d")) && !cache.Contains(TextKey.Of("c")));
        }
    }

    [Fact]
    public void A_damaged_block_and_a_file_of_something_else_are_said_so()
    {
        Write("a", "b");
        var bytes = System.IO.File.ReadAllBytes(File);
        bytes[^3] ^= 0x10;
        System.IO.File.WriteAllBytes(File, bytes);
        Assert.Contains("is damaged", Assert.Throws<TrainingException>(() => Write("c")).Message, StringComparison.Ordinal);

        System.IO.File.WriteAllText(File, "a text that is no cache at all");
        Assert.Contains("is no teacher cache", Assert.Throws<TrainingException>(() => Write("c")).Message, StringComparison.Ordinal);

        System.IO.File.WriteAllText(File, "cut");
        Assert.Contains("is no teacher cache", Assert.Throws<TrainingException>(() => Write("c")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_of_another_teacher_or_dimension_is_refused()
    {
        Write("a");
        Assert.Contains(
            "another teacher",
            Assert.Throws<TrainingException>(() => TeacherCache.OpenOrCreate(File, "two", Dimension)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "another teacher",
            Assert.Throws<TrainingException>(() => TeacherCache.OpenOrCreate(File, "one", 6)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_second_process_may_not_add_to_it()
    {
        using var cache = TeacherCache.OpenOrCreate(File, "one", Dimension);
        Assert.Contains("cannot be opened", Assert.Throws<TrainingException>(() => Write("a")).Message, StringComparison.Ordinal);
    }

    private void Write(params string[] texts)
    {
        using var cache = TeacherCache.OpenOrCreate(File, "one", Dimension);
        cache.Append([.. texts.Select(TextKey.Of)], new float[texts.Length * Dimension]);
    }
}
