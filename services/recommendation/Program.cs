using Ecom.Recommendation;

var builder = WebApplication.CreateBuilder(args);
builder.AddRecommendation();

var app = builder.Build();
app.MapRecommendation();
await app.RunAsync();
