using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

/// <summary>Corrections, completions and synonyms.</summary>
public sealed class SuggestTests : IDisposable
{
    private readonly IndexFixture _fixture = new();
    private readonly LexicalIndex _index;

    public SuggestTests()
    {
        _index = _fixture.Open();
        _index.Add([
            Doc(1, "Photosynthesis turns light into sugar in plants"),
            Doc(2, "Anesthesia puts patients to sleep", "Anesthesia"),
            Doc(3, "Photographs of plants and photons"),
            Doc(4, "Photographs of patients"),
            Doc(5, "A crème of sugar"),
            Doc(6, "HttpClient.GetAsync reads"),
            Doc(7, "an automobile with an engine"),
            Doc(8, "a myocardial infarction needs help"),
        ]);
        _index.Refresh();
    }

    public void Dispose()
    {
        _index.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData("photosinthesis", "photosynthesis")]
    [InlineData("what is Photosinthesis?", "what is photosynthesis?")]
    [InlineData("fotosynthesis of plents", "photosynthesis of plants")]
    [InlineData("anasthesia", "anesthesia")]
    [InlineData("palnts", "plants")]
    public void Words_without_a_match_are_corrected(string text, string expected)
    {
        var correction = _index.Correct(text);

        Assert.Equal(expected, correction.Text);
        Assert.All(correction.Words, word => Assert.Equal(word.Written, text.Substring(word.Start, word.Written.Length)));
    }

    [Theory]
    [InlineData("plant photograph")]
    [InlineData("qqqqqqqqq")]
    [InlineData("xyz")]
    [InlineData("fooBar.Bax v9.9.9 photosinthesi5 wi-fy")]
    [InlineData("")]
    public void Words_that_match_or_have_no_neighbour_stay(string text)
    {
        Assert.Equal(text, _index.Correct(text).Text);
        Assert.Empty(_index.Correct(text).Words);
    }

    [Fact]
    public void The_last_word_is_completed_by_frequency_and_by_the_words_before()
    {
        Assert.Equal(["photographs", "photons", "photosynthesis"], _index.Suggest("Pho").Select(s => s.Word));
        Assert.Equal(new LexicalSuggestion("plants and photographs", "photographs", 1), _index.Suggest("plants and pho")[0]);
        Assert.Equal(["photosynthesis"], _index.Suggest("sugar pho").Select(s => s.Word));
        Assert.Equal(["photographs"], _index.Suggest("pho", top: 1).Select(s => s.Word));
        Assert.Equal(["getasync"], _index.Suggest("HttpClient getas").Select(s => s.Word));
        Assert.Equal(["crème"], _index.Suggest("crè").Select(s => s.Word));
        // One mistake.
        Assert.Equal(["photosynthesis"], _index.Suggest("photosin").Select(s => s.Word));
        Assert.Empty(_index.Suggest("photo "));
        Assert.Empty(_index.Suggest(""));
        Assert.Empty(_index.Suggest("zzz"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _index.Suggest("a", 0));
    }

    [Fact]
    public void Synonyms_stand_for_words_and_runs_of_words()
    {
        Assert.Empty(Search(_index, "car"));
        _index.Synonyms = LexicalSynonyms.Parse(["# cars", "car, automobile", "", "heart attack => myocardial infarction, cardiac arrest"]);

        Assert.Equal([7], Search(_index, "car"));
        Assert.Equal([7], Search(_index, "cars"));
        Assert.Equal([8], Search(_index, "a heart attack"));
        Assert.Empty(Search(_index, "heart"));
        _index.Synonyms = null;
        Assert.Empty(Search(_index, "car"));
    }

    [Theory]
    [InlineData("alone")]
    [InlineData("a => b => c")]
    [InlineData("a =>")]
    public void A_line_that_is_no_rule_is_named(string line) =>
        Assert.Contains(
            $"Line 2 of the synonyms is no rule: '{line}'",
            Assert.Throws<ArgumentException>(() => LexicalSynonyms.Parse(["a, b", line])).Message
        );
}
