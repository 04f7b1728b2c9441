using SearchEngine.Training.Distillation;

namespace SearchEngine.Training.Tests.Distillation;

public sealed class TextMakerTests : IDisposable
{
    /// <summary>Nothing is drawn but what a test adds.</summary>
    private static readonly TextShares NoShares = new()
    {
        Sentences = 0,
        Passages = 0,
        Titles = 0,
        Queries = 0,
    };

    private readonly TestData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_shorter_list_is_the_beginning_of_a_longer_one_and_all_texts_differ()
    {
        var (shorter, longer) = (Maker(1).Take(100), Maker(1).Take(400));
        Assert.Equal(100, shorter.Count);
        Assert.Equal(shorter, longer.Take(100));
        Assert.Equal(longer.Count, longer.Select(t => t.Text).Distinct().Count());
        Assert.NotEqual(shorter, Maker(2).Take(100));
    }

    [Fact]
    public void Every_form_is_drawn_and_only_those_asked_for()
    {
        var all = Maker(1).Take(400);
        Assert.Contains(all, t => t.Role == TextRole.Query);
        Assert.Contains(all, t => t.Text.StartsWith("On ", StringComparison.Ordinal) && t.Role == TextRole.Document);
        Assert.Contains(all, t => t.Text.Count(c => c == '.') > 1);
        var titles = Maker(1, NoShares with { Titles = 1 }).Take(40);
        Assert.All(titles, t => Assert.StartsWith("On ", t.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Passages_end_at_a_space_within_the_longest_length()
    {
        var texts = Maker(1, NoShares with { Passages = 1 }, 60).Take(100);
        Assert.All(texts, t => Assert.InRange(t.Text.Length, 1, 60));
    }

    [Fact]
    public void Long_passages_are_paragraphs_in_a_row_within_their_own_length()
    {
        var texts = Maker(1, NoShares with { LongPassages = 1 }, characters: 20).Take(60);
        Assert.All(texts, t => Assert.InRange(t.Text.Length, 1, 1600));
        Assert.Contains(texts, t => t.Text.Length > 400);
        Assert.Contains(texts, t => t.Text.StartsWith("On ", StringComparison.Ordinal));
        Assert.Contains(texts, t => !t.Text.StartsWith("On ", StringComparison.Ordinal));
        Assert.All(texts, t => Assert.Equal(TextRole.Document, t.Role));
        // A share of none leaves what else is drawn as it was.
        Assert.DoesNotContain(Maker(1).Take(400), t => t.Text.Length > 400);
    }

    [Fact]
    public void Data_without_language_end_with_one_error()
    {
        File.WriteAllText(_data.PathTo("numbers.jsonl"), "{\"text\": \"1 + 2 = 3; 4 * 5 = 20; 6 / 7 = 0.857\"}\n");
        var maker = new TextMaker([new DataSource { Path = "numbers.jsonl" }], _data.Root, new TextShares(), 400, 1600, 1);
        Assert.Contains("no text", Assert.Throws<TrainingException>(() => maker.Take(5)).Message, StringComparison.Ordinal);
    }

    private TextMaker Maker(long seed, TextShares? shares = null, int characters = 400) =>
        new([_data.Articles()], _data.Root, shares ?? new TextShares(), characters, 1600, seed);
}
